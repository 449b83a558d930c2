"""Every act of a person as a row: the command it gives and what its form asks for."""

from collections.abc import Mapping

from backchannel.pages.forms import Act
from backchannel.pages.rows.authority import AUTHORITY
from backchannel.pages.rows.own import OWN
from backchannel.pages.rows.promises import PROMISES
from backchannel.pages.rows.soundings import SOUNDINGS
from backchannel.pages.rows.talk import TALK
from backchannel.pages.rows.texts import TEXTS
from backchannel.pages.rows.times import TIMES

ACTS: Mapping[str, Act] = {**TALK, **AUTHORITY, **PROMISES, **TIMES, **TEXTS, **SOUNDINGS, **OWN}
