"""Prove that a relay runs where no cryptographic library is installed; run by `make relay-alone` in a venv of its own.

The desk's half is written from docs/spec/relay.md alone: plain MessagePack and plain frames over aiohttp.
"""

import asyncio
import base64
import importlib.metadata
import importlib.util
import os
import secrets
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import aiohttp
import msgspec

FORBIDDEN = ("cryptography", "vodozemac", "sqlcipher3", "shamir_mnemonic", "nacl", "Crypto", "OpenSSL")
CELL_SIZE = 4096
APPEND, SUBSCRIBE, APPENDED, CELL = 1, 2, 65, 66
SECONDS = 20

# The relay's own process, which says at the end what it had imported.
RELAY = """
import sys
from backchannel.__main__ import main
code = main(sys.argv[1:])
print("imported", *sorted({name.partition(".")[0] for name in sys.modules}))
sys.exit(code)
"""


def frame(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + len(body).to_bytes(3, "big") + body


async def converse(url: str, admission: bytes) -> None:
    """Open a drop, append one cell and read it back."""
    drop, append, read, close = (secrets.token_bytes(size) for size in (16, 32, 32, 32))
    cell = secrets.token_bytes(CELL_SIZE)
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SECONDS)) as session:
        body = msgspec.msgpack.encode((admission, drop, append, read, close, CELL_SIZE, 60, 0))
        async with session.post(
            f"{url}/v1/open", data=body, headers={"Content-Type": "application/msgpack"}
        ) as answer:
            assert answer.status == 200, await answer.read()
        async with session.ws_connect(f"{url}/v1/line", max_msg_size=262_144) as line:
            await line.send_bytes(
                frame(APPEND, bytes(4) + drop + append + secrets.token_bytes(16) + cell)
                + frame(SUBSCRIBE, bytes(4) + drop + read + bytes(8))
            )
            wanted = {
                APPENDED: bytes(4) + (1).to_bytes(8, "big"),
                CELL: bytes(4) + (1).to_bytes(8, "big") + cell,
            }
            while wanted:
                message = await line.receive_bytes()
                while message:
                    kind, size = message[0], int.from_bytes(message[1:4], "big")
                    if kind in wanted:
                        assert message[4 : 4 + size] == wanted.pop(kind)
                    message = message[4 + size :]


def read_token(text: str) -> bytes:
    letters = text.strip().replace("-", "").upper()
    return base64.b32decode(letters + "=" * (-len(letters) % 8))


def main() -> int:
    installed = {name.lower() for name in importlib.metadata.packages_distributions()}
    for name in FORBIDDEN:
        assert name.lower() not in installed, f"{name} is installed here"
        assert importlib.util.find_spec(name) is None, f"{name} can be imported here"
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "relay.db"
        command = [sys.executable, "-m", "backchannel", "relay", "token", "issue", "--db", str(database)]
        token = subprocess.run(command, check=True, capture_output=True, text=True, timeout=SECONDS).stdout
        listen = ("relay", "run", "--db", str(database), "--listen", "127.0.0.1:0", "--ready-fd")
        ready, tell = os.pipe()
        with subprocess.Popen(
            [sys.executable, "-c", RELAY, *listen, str(tell)],
            stdout=subprocess.PIPE,
            pass_fds=[tell],
            text=True,
        ) as relay:
            os.close(tell)
            try:
                with os.fdopen(ready) as said:
                    port = int(said.readline())
                asyncio.run(converse(f"http://127.0.0.1:{port}", read_token(token)))
                relay.send_signal(signal.SIGTERM)
                output, _ = relay.communicate(timeout=SECONDS)
            finally:
                relay.kill()
        assert relay.returncode == 0, f"the relay ended with {relay.returncode}"
    imported = set(output.split("imported ")[1].split())
    assert "backchannel" in imported
    assert not imported & set(FORBIDDEN), imported & set(FORBIDDEN)
    sys.stdout.write(
        f"The relay opened a drop and stored and gave back a cell; of its {len(imported)} modules none is a "
        f"cryptographic library, and none is installed: {', '.join(FORBIDDEN)}.\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
