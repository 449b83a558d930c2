"""What the parsers of packages take: events about agendas, and files of other programs."""

from collections.abc import Callable
from functools import partial

from backchannel.errors import BackchannelError, Refused, Violation
from backchannel.moves import package
from backchannel.packages.agenda import Agenda, Issue, Option
from backchannel.packages.genius import read_genius
from backchannel.packages.json_domains import read_geniusweb, read_negolog
from backchannel.packages.schedule import Schedule
from backchannel.wire.codec import encode
from foreign_files import GENIUS, NEGOLOG, WEB, WEB_DOMAIN, WISHES, as_json

_ZERO = bytes(32)
_AGENDA = Agenda((Issue("title", (Option("text", secret=True),)),))

PARSERS: dict[str, tuple[Callable[[bytes], object], type[BackchannelError]]] = {
    "genius": (read_genius, Refused),
    "geniusweb": (read_geniusweb, Refused),
    "negolog": (read_negolog, Refused),
    **{kind: (partial(package.parse, kind), Violation) for kind in package.KINDS},
}
SEEDS: dict[str, Callable[[], list[bytes]]] = {
    "genius": lambda: [GENIUS.encode(), WISHES.encode()],
    "geniusweb": lambda: [as_json(WEB), as_json(WEB_DOMAIN)],
    "negolog": lambda: [as_json(NEGOLOG)],
    "package-agenda": lambda: [encode(package.PackageAgenda(("A", "B"), _AGENDA, Schedule(2, True)))],
    "package-agree": lambda: [encode(package.PackageAgree(_ZERO, _ZERO))],
    "package-drop": lambda: [encode(package.PackageDrop(_ZERO))],
}
