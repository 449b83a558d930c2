"""`backchannel relay …`: run a relay, issue admissions to it, see how it is."""

import argparse
import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

from backchannel.errors import Exit, Refused, Unavailable

if TYPE_CHECKING:
    import sqlite3
    import ssl

    from backchannel.relay.app import Settings

DAY: Final = 24 * 60 * 60
MIB: Final = 2**20
STATUS_SECONDS: Final = 5


def add_parser(groups: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    relay = groups.add_parser("relay", help="run a relay and admit desks to it")
    acts = relay.add_subparsers(metavar="ACT", required=True)
    _add_run(acts.add_parser("run", help="run a relay until it is told to stop"))
    _add_status(acts.add_parser("status", help="show how a relay is: totals only"))
    token = acts.add_parser("token", help="admit desks: each token opens one drop").add_subparsers(
        metavar="ACT", required=True
    )
    _add_issue(token.add_parser("issue", help="print fresh tokens, one a line"))
    _add_revoke(token.add_parser("revoke", help="make tokens worthless"))
    _add_list(token.add_parser("list", help="list tokens by the first letters of their hash"))


def _add_db(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--db", type=Path, required=True, metavar="FILE", help="the relay's database")


def _add_run(parser: argparse.ArgumentParser) -> None:
    _add_db(parser)
    parser.add_argument(
        "--listen", default="127.0.0.1:8470", metavar="HOST:PORT", help="default 127.0.0.1:8470; port 0: any"
    )
    parser.add_argument("--tls-cert", type=Path, metavar="FILE", help="certificate, PEM; with --tls-key")
    parser.add_argument("--tls-key", type=Path, metavar="FILE", help="its key, PEM")
    parser.add_argument("--port-file", type=Path, metavar="FILE", help="write the port here once ready")
    parser.add_argument(
        "--ready-fd", type=int, metavar="N", help="write the port to this descriptor once ready"
    )
    parser.add_argument("--limit-connections", type=_positive, default=2048, metavar="N")
    parser.add_argument(
        "--limit-guests", type=_positive, default=256, metavar="N", help="connections without capability yet"
    )
    parser.add_argument(
        "--limit-guest-seconds", type=_positive, default=10, metavar="N", help="for showing one"
    )
    parser.add_argument("--limit-subscriptions", type=_positive, default=256, metavar="N", help="on one line")
    parser.add_argument(
        "--limit-stall-seconds", type=_positive, default=30, metavar="N", help="for a desk that does not read"
    )
    parser.add_argument(
        "--limit-db-mib", type=int, default=0, metavar="N", help="size of the database; 0: the disk's"
    )
    parser.add_argument(
        "--keep-free-mib", type=int, default=64, metavar="N", help="of the disk, so that sweeping can go on"
    )
    parser.add_argument(
        "--batch", type=_positive, default=512, metavar="N", help="cells of one commit at most; 1 to measure"
    )
    parser.set_defaults(run=_run)


def _add_status(parser: argparse.ArgumentParser) -> None:
    _add_db(parser)
    parser.add_argument(
        "--url", metavar="URL", help="ask the running relay too, such as http://127.0.0.1:8470"
    )
    parser.add_argument(
        "--tls-cert", type=Path, metavar="FILE", help="the relay's own certificate, if no authority signed it"
    )
    parser.add_argument("--json", action="store_true", help="one line of JSON")
    parser.set_defaults(run=_status)


def _add_issue(parser: argparse.ArgumentParser) -> None:
    _add_db(parser)
    parser.add_argument("--count", type=_positive, default=1, metavar="N")
    parser.add_argument(
        "--days", type=_positive, default=90, metavar="N", help="until an unused token expires"
    )
    parser.add_argument(
        "--max-cells", type=_positive, default=100_000, metavar="N", help="on the drop at one time"
    )
    parser.add_argument(
        "--max-mib", type=_positive, default=256, metavar="N", help="of cells on the drop at one time"
    )
    parser.add_argument(
        "--max-ttl-days", type=_positive, default=90, metavar="N", help="that a cell may stay"
    )
    parser.add_argument(
        "--max-idle-days", type=_positive, default=365, metavar="N", help="that an unused drop may stay"
    )
    parser.set_defaults(run=_issue)


def _add_revoke(parser: argparse.ArgumentParser) -> None:
    _add_db(parser)
    parser.add_argument(
        "start",
        metavar="HASH",
        nargs="+",
        help="first letters of the hash, as token list shows them; - reads tokens",
    )
    parser.add_argument("--and-close", action="store_true", help="remove the drops they opened, too")
    parser.set_defaults(run=_revoke)


def _add_list(parser: argparse.ArgumentParser) -> None:
    _add_db(parser)
    parser.add_argument("--json", action="store_true", help="one line of JSON for each")
    parser.set_defaults(run=_list)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number from 1 on")
    return number


def _run(args: argparse.Namespace) -> int:
    import asyncio  # noqa: PLC0415 - here and below: an act imports what it needs, so that help comes at once

    from backchannel.relay.app import Settings  # noqa: PLC0415
    from backchannel.relay.limits import Limits  # noqa: PLC0415

    host, _, port = args.listen.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:  # noqa: PLR2004 - the highest port
        raise Refused(f"{args.listen} is no address to listen on: write HOST:PORT, such as 127.0.0.1:8470.")
    limits = Limits(
        connections=args.limit_connections,
        guests=args.limit_guests,
        guest_seconds=args.limit_guest_seconds,
        subscriptions=args.limit_subscriptions,
        stall_seconds=args.limit_stall_seconds,
        database_bytes=args.limit_db_mib * MIB,
        free_bytes=args.keep_free_mib * MIB,
    )
    tls, pin = _tls(args.tls_cert, args.tls_key)
    settings = Settings(args.db, host.strip("[]"), int(port), tls, limits, batch=args.batch)
    if sys.platform == "win32":
        return asyncio.run(_serve(settings, pin, args))
    import uvloop  # noqa: PLC0415

    return uvloop.run(_serve(settings, pin, args))


def _tls(certificate: Path | None, key: Path | None) -> tuple["ssl.SSLContext | None", str]:
    """Give the context and the pin that goes into invitations."""
    if certificate is None and key is None:
        return None, ""
    if certificate is None or key is None:
        raise Refused("TLS needs both --tls-cert and --tls-key.")
    import ssl  # noqa: PLC0415

    from backchannel.wire.pins import pin_of  # noqa: PLC0415

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    try:
        context.load_cert_chain(certificate, key)
        first = certificate.read_text("ascii").split("-----END CERTIFICATE-----")[0]
        pin = pin_of(
            ssl.PEM_cert_to_DER_cert(first[first.index("-----BEGIN") :] + "-----END CERTIFICATE-----\n")
        )
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise Refused(
            f"{certificate} and {key} are not a certificate and its key that this user can read."
        ) from error
    return context, pin.hex()


async def _serve(settings: "Settings", pin: str, args: argparse.Namespace) -> int:
    import asyncio  # noqa: PLC0415

    from backchannel.relay.app import Relay  # noqa: PLC0415
    from backchannel.relay.logs import log_loop_fault, start_logging  # noqa: PLC0415

    start_logging()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(log_loop_fault)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # Windows
            loop.add_signal_handler(number, stop.set)
    _allow_descriptors()
    async with Relay(settings, now_ms) as relay:
        _tell_ready(relay.port, settings, pin, args)
        asked, broken = asyncio.create_task(stop.wait()), asyncio.create_task(relay.broken())
        await asyncio.wait([asked, broken], return_when=asyncio.FIRST_COMPLETED)
        if not asked.done():
            raise Unavailable(
                "The relay stopped because its writer did: see the log above, then start it again."
            )
        broken.cancel()
    return Exit.OK


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def _allow_descriptors() -> None:
    """Ask for as many open files as the system lets this user have."""
    if sys.platform != "win32":
        import resource  # noqa: PLC0415

        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _tell_ready(port: int, settings: "Settings", pin: str, args: argparse.Namespace) -> None:
    scheme = "https" if settings.tls else "http"
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    if args.port_file is not None:
        unfinished = args.port_file.with_name(args.port_file.name + ".new")
        unfinished.write_text(f"{port}\n")
        unfinished.replace(args.port_file)
    if args.ready_fd is not None:
        with os.fdopen(args.ready_fd, "w") as ready:
            ready.write(f"{port}\n")
    print(f"relay ready at {scheme}://{host}:{port}" + (f" with key pin {pin}" if pin else ""), flush=True)  # noqa: T201


@contextmanager
def _database(file: Path, *, make: bool = False) -> Iterator["sqlite3.Connection"]:
    from backchannel.relay.schema import connect  # noqa: PLC0415

    if not make and not file.exists():
        raise Refused(
            f"{file} is not there: issue a token or run a relay to make it, or name another file with --db."
        )
    database = connect(file)
    try:
        yield database
    finally:
        database.close()


def _issue(args: argparse.Namespace) -> int:
    from backchannel.relay import tokens  # noqa: PLC0415
    from backchannel.relay.drops import Grant, digest  # noqa: PLC0415
    from backchannel.wire.admissions import admission_text  # noqa: PLC0415
    from backchannel.wire.ids import new_admission  # noqa: PLC0415

    grant = Grant(args.max_cells, args.max_mib * MIB, args.max_ttl_days * DAY, args.max_idle_days * DAY)
    admissions = [new_admission() for _ in range(args.count)]
    with _database(args.db, make=True) as database:
        tokens.issue(database, [digest(one) for one in admissions], grant, now_ms() + args.days * DAY * 1000)
    for admission in admissions:
        print(admission_text(admission))  # noqa: T201
    return Exit.OK


def _revoke(args: argparse.Namespace) -> int:
    from backchannel.relay import tokens  # noqa: PLC0415
    from backchannel.relay.drops import digest  # noqa: PLC0415
    from backchannel.wire.admissions import read_admission  # noqa: PLC0415

    starts = args.start
    if starts == ["-"]:
        starts = [digest(read_admission(line)).hex() for line in sys.stdin if line.strip()]
    with _database(args.db) as database:
        for start in starts:
            tokens.revoke(database, tokens.find(database, start), and_close=args.and_close)
    return Exit.OK


def _list(args: argparse.Namespace) -> int:
    from backchannel.relay import tokens  # noqa: PLC0415

    with _database(args.db) as database:
        found = tokens.listed(database)
    for one in found:
        if args.json:
            row = {
                "hash": one.digest.hex(),
                "used": one.used,
                "expires_ms": one.expires_ms,
                **asdict(one.grant),
            }
            print(json.dumps(row))  # noqa: T201
        else:
            until = (
                "in use" if one.used else time.strftime("until %Y-%m-%d", time.gmtime(one.expires_ms / 1000))
            )
            grant = one.grant
            print(  # noqa: T201
                f"{one.digest.hex()[:16]}  {until:16}  {grant.max_cells} cells, {grant.max_bytes // MIB} MiB, "
                f"{grant.max_ttl_seconds / DAY:g} days a cell, {grant.max_idle_seconds / DAY:g} days idle"
            )
    return Exit.OK


def _status(args: argparse.Namespace) -> int:
    from backchannel.relay import tokens  # noqa: PLC0415

    with _database(args.db) as database:
        figures = asdict(tokens.totals(database))
        key = tokens.counters_key(database)
    figures["database_bytes"] = args.db.stat().st_size
    if args.url:
        figures |= _ask(args.url, key, args.tls_cert)
    if args.json:
        print(json.dumps(figures))  # noqa: T201
    else:
        for name, figure in figures.items():
            print(f"{name.replace('_', ' '):18} {figure}")  # noqa: T201
    return Exit.OK


def _ask(url: str, key: str, certificate: Path | None) -> dict[str, int]:
    """Get the counters of the running relay."""
    import ssl  # noqa: PLC0415
    import urllib.error  # noqa: PLC0415
    import urllib.request  # noqa: PLC0415

    from backchannel.wire.calls import COUNTERS_PATH  # noqa: PLC0415

    if not url.startswith(("http://", "https://")):
        raise Refused(f"{url} is no relay's address: write http://HOST:PORT or https://HOST:PORT.")
    context = ssl.create_default_context(cafile=certificate)
    context.check_hostname = certificate is None  # a certificate given by file is trusted by whatever name
    shown = {"Authorization": f"Bearer {key}"}
    request = urllib.request.Request(url.rstrip("/") + COUNTERS_PATH, headers=shown)  # noqa: S310 - checked above
    try:
        with urllib.request.urlopen(request, timeout=STATUS_SECONDS, context=context) as answer:  # noqa: S310
            figures: dict[str, int] = json.load(answer)
    except (urllib.error.URLError, TimeoutError, ValueError) as error:
        raise Unavailable(
            f"No relay with this database answers at {url}: start it, or name another address."
        ) from error
    return figures
