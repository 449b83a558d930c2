"""Every file of tests/vectors/sounding gives the outcome it states."""

import json
from pathlib import Path
from typing import Any

import pytest

from backchannel.crypto.sounding.kept import How
from backchannel.crypto.sounding.params import parse_params
from backchannel.crypto.sounding.party import Party
from backchannel.errors import Violation
from sounding_attacks import ATTACKS

FOLDER = Path(__file__).parent / "vectors" / "sounding"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))


def load(name: str) -> dict[str, Any]:
    vector: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return vector


def test_there_is_a_vector_for_every_attack_that_all_see_alike() -> None:
    shown_apart = {"equivocated-inputs", "equivocated-keys"}
    assert {name for name in NAMES if not name.startswith("parameters-")} == set(ATTACKS) - shown_apart


@pytest.mark.parametrize("name", NAMES)
def test_sounding_vector(name: str) -> None:
    vector = load(name)
    parameters = bytes.fromhex(vector["parameters"])
    if vector.get("refused"):
        with pytest.raises(Violation):
            parse_params(parameters)
        return
    watcher = Party.watch(parse_params(parameters), threads=1)
    for said in vector["messages"]:
        watcher.take(bytes.fromhex(said["message"]), said["author"])
    ended, blame, result = watcher.ended, watcher.blame(), watcher.result()
    assert (ended.how if ended else None) == (How(vector["ended"]) if vector["ended"] else None)
    assert (blame.side if blame else None) == vector["blamed"]
    assert (list(result.joint) if result else None) == vector["joint"]
    assert (result.meet if result else None) == vector["meet"]
    assert (result.drawn if result else None) == vector.get("drawn")
    seen, names = watcher.transcript, vector["names"]
    assert seen.sid.hex() == names["sid"]
    if "bases" in names:
        assert [seen.keys.name.hex(), seen.keys.joint.hex(), seen.keys.unit.hex()] == [
            names["keys"],
            names["joint key"],
            names["unit"],
        ]
        assert [base.hex() for base in seen.bases] == names["bases"]
    if "order" in names:
        assert (seen.inputs_name.hex(), seen.order) == (names["inputs"], names["order"])
