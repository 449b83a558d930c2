import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from backchannel.contacts.invitation import Invitation, parse_address, rendezvous
from backchannel.errors import Expired, Refused

NOVEMBER_1962 = -225_000_000_000
INVITATION = Invitation(
    version=1,
    relay="https://relay.example:8443",
    pin=b"p" * 32,
    nameplate=b"n" * 16,
    room=b"r" * 32,
    role="envoy",
    side="Département d'État",
    expires_ms=NOVEMBER_1962,
)
NOW = NOVEMBER_1962 - 1
ADDRESS = INVITATION.address()


def test_an_address_is_one_line_and_leads_back_to_the_invitation() -> None:
    assert ADDRESS.isascii()
    assert ADDRESS.split() == [ADDRESS]
    assert len(ADDRESS) < 320
    assert parse_address(ADDRESS, NOW) == INVITATION


def test_an_address_survives_capitals_and_line_breaks() -> None:
    assert parse_address(f"  {ADDRESS[:70].upper()}\n{ADDRESS[70:]}\n", NOW) == INVITATION


@pytest.mark.parametrize("kept", range(15, len(ADDRESS), 9))
def test_a_truncated_address_is_said_to_be_cut_off(kept: int) -> None:
    with pytest.raises(Refused, match="cut off"):
        parse_address(ADDRESS[:kept], NOW)


@pytest.mark.parametrize("place", range(18, len(ADDRESS), 7))
def test_a_mistyped_address_is_refused(place: int) -> None:
    other = "b" if ADDRESS[place] == "a" else "a"
    with pytest.raises(Refused, match=r"mistyped|cut off"):
        parse_address(ADDRESS[:place] + other + ADDRESS[place + 1 :], NOW)
    with pytest.raises(Refused, match="mistyped"):
        parse_address(ADDRESS[:place] + "1" + ADDRESS[place + 1 :], NOW)


def test_something_added_to_an_address_is_refused() -> None:
    for extra in ("aaaaaaaa", "a", "="):
        with pytest.raises(Refused):
            parse_address(ADDRESS + extra, NOW)


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("https://relay.example", "begins with “backchannel:”"),
        ("", "begins with “backchannel:”"),
        (ADDRESS.replace(":1:", ":2:"), "newer Backchannel"),
        (ADDRESS.replace(":1:", ":"), "damaged at its beginning"),
        (ADDRESS.replace(":1:", ":²:"), "damaged at its beginning"),
    ],
)
def test_what_is_no_invitation_of_this_version_is_told_apart(address: str, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        parse_address(address, NOW)


def test_an_invitation_runs_out_at_its_moment_also_before_1970() -> None:
    with pytest.raises(Expired, match="ran out on 14 Nov 1962, 20:00 UTC"):
        parse_address(ADDRESS, NOVEMBER_1962)


@pytest.mark.parametrize(
    "relay",
    [
        "ftp://relay.example",
        "relay.example",
        "https://",
        "https://me@relay.example",
        "https://r.example/?q=1",
        "https://r:x/",
    ],
)
def test_a_relay_that_is_no_plain_web_address_is_refused(relay: str) -> None:
    with pytest.raises(Refused, match=r"web address|plain http"):
        replace(INVITATION, relay=relay).address()


def test_a_pin_needs_tls_and_a_whole_hash() -> None:
    with pytest.raises(Refused, match="pins a key"):
        replace(INVITATION, relay="http://relay.example").address()
    with pytest.raises(Refused, match="pins a key"):
        replace(INVITATION, pin=b"short").address()
    assert parse_address(replace(INVITATION, relay="http://abc.onion", pin=b"").address(), NOW).pin == b""


def test_a_name_that_no_reader_would_take_is_refused_when_written() -> None:
    assert parse_address(replace(INVITATION, side="x" * 120).address(), NOW).side == "x" * 120
    for changed in (replace(INVITATION, side="x" * 121), replace(INVITATION, relay="https://r/" + "x" * 200)):
        with pytest.raises(Refused, match="too long"):
            changed.address()


def test_misleading_names_are_refused_and_persian_ones_are_not() -> None:
    for name in ("side\u202eedis", "a\tb", "two\nlines", " padded", "e\u0301"):
        with pytest.raises(Refused, match="misleading"):
            replace(INVITATION, side=name).address()
    persian = replace(INVITATION, side="نماینده\u200cی ایران")
    assert parse_address(persian.address(), NOW) == persian


@given(
    st.text(max_size=80)
    | st.text("abcdefghijklmnopqrstuvwxyz234567", max_size=200).map("backchannel:1:".__add__)
)
def test_any_text_is_an_invitation_or_refused(typed: str) -> None:
    with pytest.raises(Refused):
        parse_address(typed, NOW)


def test_every_field_changes_what_the_pairing_binds() -> None:
    changed = [
        replace(INVITATION, relay="https://other.example"),
        replace(INVITATION, pin=b"q" * 32),
        replace(INVITATION, nameplate=b"m" * 16),
        replace(INVITATION, room=b"s" * 32),
        replace(INVITATION, role="observer"),
        replace(INVITATION, side="Another"),
        replace(INVITATION, expires_ms=NOVEMBER_1962 + 1),
    ]
    assert len({invitation.channel_identifier() for invitation in [INVITATION, *changed]}) == 8


def test_both_desks_derive_the_same_rendezvous_and_another_nameplate_shares_nothing_with_it() -> None:
    one, again, other = rendezvous(b"n" * 16), rendezvous(b"n" * 16), rendezvous(b"m" * 16)
    assert (one.drop, one.append, one.read, one.close) == (again.drop, again.append, again.read, again.close)
    assert one.room_key.raw == again.room_key.raw
    values = [
        one.append,
        one.read,
        one.close,
        one.room_key.raw,
        other.append,
        other.read,
        other.close,
        other.room_key.raw,
    ]
    assert len(set(values)) == 8
    assert one.drop not in {value[:16] for value in values}
