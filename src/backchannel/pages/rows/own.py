"""Acts that are for oneself alone."""

from collections.abc import Mapping

from backchannel.pages.forms import Act, Field, Kind
from backchannel.pages.rows.fields import TEXT, thing

OWN: Mapping[str, Act] = {
    "notebook-write": Act(
        ("notebook", "write"),
        (TEXT, Field("about_room", Kind.ROOM, "--room")),
        room=False,
        own=True,
        then="/notebook",
    ),
    "notebook-remove": Act(
        ("notebook", "remove"), (thing("own_note"),), room=False, own=True, final=True, then="/notebook"
    ),
}
