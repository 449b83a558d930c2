"""Every class that holds key material shows nothing of it."""

import copy
import importlib
import pickle
import pkgutil
import tempfile
from pathlib import Path

import pytest

import backchannel
from backchannel.contacts.invitation import Invitation, rendezvous
from backchannel.crypto.cell_cipher import RoomKey
from backchannel.crypto.envelope import EntryKind, WrapHeader, WrapText
from backchannel.crypto.keys import KemKey
from backchannel.crypto.own_mark import OwnMarkKey
from backchannel.crypto.pairing import Initiator, PairingKeys, Responder, _Derived
from backchannel.crypto.seals import LongTermKey, SealingKey, _SigningKey
from backchannel.crypto.secret import Secret
from backchannel.crypto.session import Account, Session
from backchannel.crypto.sounding.inputs import Opening, Prepared
from backchannel.crypto.sounding.kept import Kept
from backchannel.crypto.sounding.limits import _Bit
from backchannel.crypto.sounding.party import Party
from backchannel.desk.side_key import SideKey
from backchannel.desk.vault import Vault
from backchannel.packages.agenda import Agenda, Issue, Option, Space
from backchannel.packages.answers import IssueAnswers, Weight
from backchannel.packages.fairness import View
from backchannel.packages.foreign import Imported
from backchannel.packages.preferences import Additive, Interdependent, Stance, Wish
from backchannel.packages.soundings import Sounding, Stage, Worths
from sounders import params, stream

ZERO = bytes(32)
ADDITIVE = Additive(((0, 1),))
PAIRING_KEYS = PairingKeys(1, b"s" * 32, b"s" * 32, b"s" * 64)


def session() -> Session:
    peer = Account.create(1)
    return Account.create(0).open_to(peer.identity, peer.one_time_keys[0])


def vault() -> Vault:
    """Make a vault that is closed and whose folder is gone again; what it holds in memory stays."""
    with tempfile.TemporaryDirectory() as folder:
        found = Vault.create(Path(folder), b"s" * 32, raw=True)
        found.close()
        return found


EXAMPLES: dict[str, Secret] = {
    "RoomKey": RoomKey(b"s" * 32),
    "SideKey": SideKey("A", b"s" * 32),
    "KemKey": KemKey(b"s" * 32),
    "Account": Account.create(1),
    "Session": session(),
    "PairingKeys": PAIRING_KEYS,
    "Initiator": Initiator.start("three secret words", b"")[0],
    "Responder": Responder(1, PAIRING_KEYS, b"s" * 32),
    "_Derived": _Derived(b"s" * 16, ZERO, ZERO, ZERO),
    "Invitation": Invitation(1, "https://s", b"s" * 32, b"s" * 16, ZERO, "s", "s", 0),
    "Rendezvous": rendezvous(b"s" * 16),
    "OwnMarkKey": OwnMarkKey(b"s" * 32, 1),
    "WrapText": WrapText(1, WrapHeader(ZERO, ZERO, ZERO, 1, 0, 0), EntryKind.EVENT, b"s" * 32, ZERO, ZERO),
    "SealingKey": SealingKey(b"s" * 32),
    "LongTermKey": LongTermKey(b"s" * 32),
    "_SigningKey": _SigningKey(b"s" * 32),
    "Opening": Opening(b"s" * 32, b"s" * 32),
    "Prepared": Prepared(b"s" * 32, b"s" * 32, (b"s" * 32, b"s" * 32), (b"s" * 32,) * 4),
    "_Bit": _Bit.__new__(_Bit),
    "Kept": Kept(1, params(2, 1), 0, 0, True, *(b"s" * 32,) * 4, (), (), (), None, None, None),
    "Party": Party.open(params(2, 1), 0, random=stream("secret")),
    "Vault": vault(),
    "Additive": ADDITIVE,
    "Wish": Wish(1, ()),
    "Interdependent": Interdependent((Wish(1, ()),), 1),
    "Stance": Stance(ADDITIVE, 0, 1),
    "IssueAnswers": IssueAnswers(0, 1, (), Weight.HALF),
    "View": View(500, 100),
    "Imported": Imported(Agenda((Issue("a", (Option("b"),)),)), ADDITIVE, 0),
    "Sounding": Sounding(Stage.DESCENT, (), ()),
    "Worths": Worths(Space(((0, 1),)), Stance(ADDITIVE, 0, 1), 0),
}


def secret_classes() -> list[type[Secret]]:
    for module in pkgutil.walk_packages(backchannel.__path__, "backchannel."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    found: list[type[Secret]] = []
    waiting: list[type[Secret]] = [Secret]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            found.append(kind)
            waiting.append(kind)
    return sorted(found, key=lambda kind: kind.__name__)


def test_every_secret_class_of_crypto_contacts_and_packages_has_an_example_here() -> None:
    near = {
        kind.__name__
        for kind in secret_classes()
        if kind.__module__.split(".")[1] in {"crypto", "contacts", "packages"}
    }
    assert near - set(EXAMPLES) == set()


def test_the_records_that_carry_keys_through_a_desk_are_secret() -> None:
    named = {kind.__name__ for kind in secret_classes()}
    assert named >= {"Transport", "Hosting", "Visiting", "Errand", "Watch", "Vault"}


@pytest.mark.parametrize("method", ["__repr__", "__str__", "__format__", "__reduce_ex__"])
def test_no_secret_class_anywhere_shows_itself_in_a_way_of_its_own(method: str) -> None:
    assert [
        kind.__name__ for kind in secret_classes() if getattr(kind, method) is not getattr(Secret, method)
    ] == []


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_a_secret_shows_only_the_name_of_its_class(name: str) -> None:
    secret = EXAMPLES[name]
    shown = f"<{name} …>"
    assert repr(secret) == shown
    assert str(secret) == shown
    assert f"{secret}" == shown
    assert f"{secret:>40}" == shown
    assert "%s %r" % (secret, secret) == f"{shown} {shown}"  # noqa: UP031 - the old way must be safe too
    assert repr([secret]) == f"[{shown}]"


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_a_secret_is_not_serialised_unasked(name: str) -> None:
    with pytest.raises(TypeError, match="is a secret"):
        pickle.dumps(EXAMPLES[name])
    with pytest.raises(TypeError, match="is a secret"):
        copy.deepcopy(EXAMPLES[name])
    assert not hasattr(EXAMPLES[name], "__dict__")
