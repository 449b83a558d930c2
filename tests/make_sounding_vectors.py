"""Write tests/vectors/sounding (run by hand when the protocol gets a new version): whole soundings, one failure a file."""

import json
from pathlib import Path

import msgspec

from backchannel.crypto.sounding.message import Round
from backchannel.crypto.sounding.params import Kind, Params
from backchannel.crypto.sounding.party import Party
from backchannel.wire.codec import encode
from sounders import HEAD, Table, params
from sounding_attacks import ATTACKS

FOLDER = Path(__file__).parent / "vectors" / "sounding"

REFUSED_PARAMETERS = {
    "sides-out-of-order": msgspec.structs.replace(params(2, 1), sides=(b"b", b"a")),
    "side-twice": msgspec.structs.replace(params(2, 1), sides=(b"a", b"a")),
    "one-side": msgspec.structs.replace(params(2, 1), sides=(b"a",)),
    "eleven-sides": params(11, 1),
    "option-twice": msgspec.structs.replace(params(2, 1), options=("a", "a")),
    "no-option": params(2, 0),
    "batch-for-all": msgspec.structs.replace(params(2, 1), batch=1),
    "first-without-batch": msgspec.structs.replace(params(2, 1), kind=Kind.FIRST),
    "drawn-without-batch": params(2, 1, Kind.DRAWN),
    "drawn-in-batches-of-two": params(2, 2, Kind.DRAWN, 2),
    "threshold-of-three": params(3, 1, Kind.THRESHOLD),
    "threshold-of-257": params(2, 257, Kind.THRESHOLD),
    "poster-for-all": msgspec.structs.replace(params(2, 1), poster=1),
    "deadlines-out-of-order": msgspec.structs.replace(params(2, 1), deadlines=(2, 1, 3)),
    "another-chunk": msgspec.structs.replace(params(2, 1), chunk=255),
    "newer-version": msgspec.structs.replace(params(2, 1), version=2),
    "parent-of-limits": msgspec.structs.replace(params(2, 1, Kind.THRESHOLD), parent=HEAD),
    "short-parent": msgspec.structs.replace(params(2, 1), parent=b"short"),
}


def save(name: str, content: dict[str, object]) -> None:
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def sounding(table: Table) -> dict[str, object]:
    """Write down what was said, and what a watcher made of it."""
    watcher = Party.watch(table.params, threads=1)
    for author, data in table.log:
        watcher.take(data, author)
    ended, blame, result = watcher.ended, watcher.blame(), watcher.result()
    return {
        "parameters": encode(table.params).hex(),
        "messages": [{"author": author, "message": data.hex()} for author, data in table.log],
        "ended": ended.how if ended else None,
        "blamed": blame.side if blame else None,
        "joint": list(result.joint) if result else None,
        "meet": result.meet if result else None,
        **({"drawn": result.drawn} if result and result.drawn is not None else {}),
        "names": names(table),
    }


def names(table: Table) -> dict[str, object]:
    """Give what follows from the messages on the way, as far as they go."""
    seen = next(side.party.transcript for index, side in table.sides.items() if index not in table.twists)
    found: dict[str, object] = {"sid": seen.sid.hex()}
    if seen.has_keys:
        found |= {
            "keys": seen.keys.name.hex(),
            "joint key": seen.keys.joint.hex(),
            "unit": seen.keys.unit.hex(),
        }
        found["bases"] = [base.hex() for base in seen.bases]
    if any(slot.round is Round.SHARES for slot in seen.held):
        found |= {"inputs": seen.inputs_name.hex(), "order": seen.order}
    return found


def refused(what: Params) -> dict[str, object]:
    return {"parameters": encode(what).hex(), "refused": True}


def main() -> None:
    for name, attack in ATTACKS.items():
        table = attack.table().run()
        if all(to >= set(table.sides) - set(table.twists) for to in table.only.values()):
            save(name, sounding(table))
    for name, what in REFUSED_PARAMETERS.items():
        save(f"parameters-{name}", refused(what))


if __name__ == "__main__":
    main()
