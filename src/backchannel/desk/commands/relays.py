"""Commands on the relays a desk may use: `desk relay add|list|proxy`."""

import argparse
import binascii
from urllib.parse import urlsplit

from backchannel.desk.commands.answer import Answer, Json
from backchannel.desk.desk import Desk
from backchannel.errors import Refused
from backchannel.said import said
from backchannel.wire.admissions import read_admission
from backchannel.wire.pins import PIN_BYTES

PROXY = "proxy"


def add(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    url = args.url.rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise Refused(
            said("{url} is no relay's address; write for instance https://relay.example.org.", url=args.url)
        )
    pin = _pin(args.pin)
    if pin and parts.scheme != "https":
        raise Refused("A pin is of a TLS key; write the relay's address with https://.")
    tokens: list[bytes] = [read_admission(line) for line in args.tokens if line.strip()]
    known = {known: pin for known, pin, _ in desk.relays()}
    desk.add_relay(url, pin or known.get(url, b""), tokens, now)
    free = next(free for known, _, free in desk.relays() if known == url)
    lines = [(said("This desk may open {free} drops at {url}: each room takes one, each change of its people and each invitation another.", free=free, url=url))]  # fmt: skip
    if not free:
        lines = [
            said(
                "{url} is noted; to open rooms there, ask its operator for admission tokens and add them the same way.",
                url=url,
            )
        ]
    return Answer(lines, {"relay": url, "pin": pin.hex(), "admissions": free})


def _pin(typed: str) -> bytes:
    try:
        pin = binascii.unhexlify(typed.replace(":", ""))
    except (binascii.Error, ValueError) as error:
        raise Refused("The pin is not hexadecimal; copy it from the relay's operator.") from error
    if len(pin) not in {0, PIN_BYTES}:
        raise Refused(
            said(
                "A pin has {pin_bytes} hexadecimal digits; copy it from the relay's operator.",
                pin_bytes=2 * PIN_BYTES,
            )
        )
    return pin


def listed(desk: Desk, args: argparse.Namespace, now: int) -> Answer:  # noqa: ARG001
    lines = [
        said(
            "{url}  {free} admission left" if free == 1 else "{url}  {free} admissions left",
            url=url,
            free=free,
        )
        + (said("  pinned to {pin}…", pin=pin.hex()[:16]) if pin else "")
        for url, pin, free in desk.relays()
    ]
    value: list[Json] = [
        {"relay": url, "pin": pin.hex(), "admissions": free} for url, pin, free in desk.relays()
    ]
    return Answer(
        lines or [said("No relay yet; add one with `backchannel desk relay add`.")], {"relays": value}
    )


def proxy(desk: Desk, args: argparse.Namespace, now: int) -> Answer:  # noqa: ARG001
    if args.off:
        desk.vault.set_setting(PROXY, b"")
    elif args.url is not None:
        parts = urlsplit(args.url)
        if parts.scheme not in {"socks5", "socks5h"} or not parts.hostname or not _port(args.url):
            raise Refused(
                said("{url} is no SOCKS5 proxy; write for instance socks5://127.0.0.1:9050.", url=args.url)
            )
        desk.vault.set_setting(PROXY, args.url.replace("socks5h://", "socks5://", 1).encode())
    url = proxy_url(desk)
    if url:
        return Answer(
            [said("Every relay is reached through {url}; names are resolved there, too.", url=url)],
            {"proxy": url},
        )
    return Answer(
        [said("Relays are reached directly: they and the network see this machine's address.")], {"proxy": ""}
    )


def proxy_url(desk: Desk) -> str:
    return (desk.vault.setting(PROXY) or b"").decode()


def _port(url: str) -> int | None:
    try:
        return urlsplit(url).port
    except ValueError:
        return None
