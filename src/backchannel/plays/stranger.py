"""A stranger: a process of its own that has a sealed file and nothing else, and is asked what the file shows."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

SECONDS = 30


def verified(files: Sequence[bytes], anchors: Mapping[str, str]) -> list[Mapping[str, Any]]:
    """What `backchannel verify` says of each file; `anchors` are the fingerprints the sides have made known."""
    return [json.loads(line) for line in _run(files, anchors, "--json").splitlines()]


def lines(files: Sequence[bytes], anchors: Mapping[str, str]) -> list[str]:
    """The same for a person."""
    told = _run(files, anchors).splitlines()
    return told if len(files) == 1 else list(_named(told))[1:]


def _named(told: list[str]) -> Iterator[str]:
    """Name files without the folder in which the stranger has them."""
    for line in told:
        if line.endswith(".json:"):
            yield from ("", Path(line).name)
        else:
            yield line


def _run(files: Sequence[bytes], anchors: Mapping[str, str], *more: str) -> str:
    with tempfile.TemporaryDirectory(prefix="backchannel-stranger-") as folder:
        paths = []
        for number, data in enumerate(files, 1):
            paths.append(Path(folder) / f"text-{number}.json")
            paths[-1].write_bytes(data)
        known = [f"--anchor={side}={fingerprint}" for side, fingerprint in anchors.items()]
        done = subprocess.run(  # noqa: S603 - this program
            [sys.executable, "-P", "-m", "backchannel", "verify", *map(str, paths), *known, *more],
            stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", timeout=SECONDS, check=False,
        )  # fmt: skip
        return done.stdout
