"""A desk goes to another folder or machine: a full encrypted copy, and the old one ends in the same act.

Two desks from one state would use keys twice, so at no moment may both be opened: first the old one says that it is
moving, then it is copied, then the copy is told that it is the desk now, then the old one is emptied. A kill in between
leaves a desk that only lets its move be finished.
"""

import shutil
from pathlib import Path

from backchannel.desk.desk import Desk
from backchannel.errors import BackchannelError, Refused, Unavailable
from backchannel.said import said

MOVING = "moving"


def move(desk: Desk, target: Path) -> None:
    """Move a desk into a folder that is not there yet; closes the desk. It opens there with the same passphrase."""
    begun = desk.vault.setting(MOVING)
    if begun == str(target).encode() and (target / "vault.key").exists():
        copy = desk.vault.twin(target)
        arrived = copy.setting(MOVING) is None
        copy.close()
        if arrived:
            desk.close_rooms()
            desk.vault.retire()
            return
    if begun == str(target).encode():
        shutil.rmtree(target, ignore_errors=True)  # the copy that was cut short
    if target.exists() and any(target.iterdir()):
        raise Refused(
            said("The folder {target} is not empty; name one that is not there yet.", target=target)
        )
    vault = desk.vault
    desk.close_rooms()
    vault.set_setting(MOVING, str(target).encode())
    try:
        copy = vault.copy_to(target)
        copy.drop_setting(MOVING)
        copy.master.flush()
        copy.close()
    except (OSError, BackchannelError) as error:
        shutil.rmtree(target, ignore_errors=True)
        vault.drop_setting(MOVING)
        raise Unavailable(
            said(
                "The desk cannot be copied to {target} ({error}); it stays where it is.",
                target=target,
                error=error,
            )
        ) from error
    vault.retire()
