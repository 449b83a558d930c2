"""Acts that are for oneself alone."""

from collections.abc import Mapping

from backchannel.pages.forms import Act, Field, Kind
from backchannel.pages.rows.fields import NEW_PASSPHRASE, TEXT, chosen, thing
from backchannel.pages.uploads import urlsafe

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
    "backup": Act(
        ("backup",),
        NEW_PASSPHRASE,
        room=False,
        own=True,
        files=True,
        made="desk-backup",
        given=("new_passphrase", "again"),
        compose=chosen,
    ),
    "report": Act(("report",), own=True),
    "seal-key-export": Act(
        ("seal", "key-export"),
        NEW_PASSPHRASE,
        own=True,
        files=True,
        made="side-key",
        given=("new_passphrase", "again"),
        compose=chosen,
    ),
    "seal-key-import": Act(
        ("seal", "key-import"),
        (
            Field("key_file", Kind.FILE, needed=True),
            Field("key_passphrase", Kind.PASSPHRASE, needed=True),
            Field("replace_key", Kind.CHECK, "--replace", more=True),
        ),
        room=False,
        own=True,
        given=("key_passphrase",),
        compose=lambda form: {
            "data": urlsafe(form, "key_file"),
            "passphrase": form.get("key_passphrase", ""),
        },
        fixed=("-",),
    ),
}
