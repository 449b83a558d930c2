import pytest
from hypothesis import given
from hypothesis import strategies as st

from backchannel.crypto.session import Account, Session, check_olm_key, is_setup
from backchannel.errors import Refused, Violation

KEY = b"k" * 32


def pair() -> tuple[Session, Session]:
    """Two sessions in step: the second has read the first's set-up, and answered."""
    ann, ben = Account.create(1), Account.create(1)
    out = ann.open_to(ben.identity, ben.one_time_keys[0])
    back, _ = ben.accept(ann.identity, out.encrypt(b"set-up"))
    out.decrypt(back.encrypt(b"answer"))
    return out, back


def test_a_session_set_up_and_used_both_ways() -> None:
    ann, ben = Account.create(1), Account.create(2)
    out = ann.open_to(ben.identity, ben.one_time_keys[1])
    first = out.encrypt(b"one")
    assert is_setup(first)
    back, text = ben.accept(ann.identity, first)
    assert text == b"one"
    assert back.session_id == out.session_id
    answer = back.encrypt(b"two")
    assert not is_setup(answer)
    assert out.decrypt(answer) == b"two"
    assert back.decrypt(out.encrypt(b"three")) == b"three"


def test_a_repeated_setup_and_a_restart_are_told_apart() -> None:
    ann, ben = Account.create(1), Account.create(2)
    out = ann.open_to(ben.identity, ben.one_time_keys[0])
    back, _ = ben.accept(ann.identity, out.encrypt(b"one"))
    still_setting_up = out.encrypt(b"two")
    assert is_setup(still_setting_up)
    assert back.matches(still_setting_up)
    assert back.decrypt(still_setting_up) == b"two"
    restart = ann.open_to(ben.identity, ben.one_time_keys[0]).encrypt(b"again")
    assert not back.matches(restart)
    assert not back.matches(back.encrypt(b"ordinary"))
    assert ben.accept(ann.identity, restart)[1] == b"again"


def test_one_time_key_used_twice_is_refused_and_the_account_unchanged() -> None:
    ann, eve, ben = Account.create(1), Account.create(1), Account.create(1)
    (key,) = ben.one_time_keys
    ben.accept(ann.identity, ann.open_to(ben.identity, key).encrypt(b"first"))
    assert ben.one_time_keys == ()
    before = ben.pickle(KEY)
    with pytest.raises(Violation, match="used before"):
        ben.accept(eve.identity, eve.open_to(ben.identity, key).encrypt(b"second"))
    assert ben.pickle(KEY) == before


def test_a_setup_by_another_identity_is_refused_and_the_key_kept() -> None:
    ann, eve, ben = Account.create(1), Account.create(1), Account.create(1)
    message = eve.open_to(ben.identity, ben.one_time_keys[0]).encrypt(b"I am Ann")
    before = ben.pickle(KEY)
    with pytest.raises(Violation):
        ben.accept(ann.identity, message)
    assert ben.pickle(KEY) == before


def test_a_failed_decryption_leaves_the_session_unchanged() -> None:
    out, back = pair()
    message = out.encrypt(b"text" * 30)
    before = back.pickle(KEY)
    for position in range(0, len(message) * 8, 7):
        flipped = bytearray(message)
        flipped[position // 8] ^= 1 << position % 8
        with pytest.raises(Violation):
            back.decrypt(bytes(flipped))
    assert back.pickle(KEY) == before
    assert back.decrypt(message) == b"text" * 30


def test_a_repeated_message_is_refused() -> None:
    out, back = pair()
    message = out.encrypt(b"text")
    back.decrypt(message)
    before = back.pickle(KEY)
    with pytest.raises(Violation):
        back.decrypt(message)
    assert back.pickle(KEY) == before


def test_hundred_reversed_messages_are_lost_to_olm_alone_and_none_in_order() -> None:
    out, back = pair()
    messages = [out.encrypt(b"%d" % number) for number in range(100)]
    restored = Session.restore(back.pickle(KEY), KEY)
    opened = 0
    for message in reversed(messages):
        try:
            back.decrypt(message)
        except Violation:
            continue
        opened += 1
    assert opened < 50
    assert [restored.decrypt(message) for message in messages] == [b"%d" % number for number in range(100)]


def test_another_spelling_of_the_same_message_is_refused() -> None:
    out, back = pair()
    message = out.encrypt(b"text")
    with_unknown_field = message[:-8] + b"\x78\x00" + message[-8:]  # protobuf field 15, which Olm skips
    with pytest.raises(Violation, match="canonical"):
        back.decrypt(with_unknown_field)
    assert back.decrypt(message) == b"text"


@given(st.binary(max_size=200))
def test_any_bytes_as_a_message_are_a_violation(data: bytes) -> None:
    account = Account.restore(ACCOUNT, KEY)
    session = Session.restore(SESSION, KEY)
    with pytest.raises(Violation):
        session.decrypt(data)
    with pytest.raises(Violation):
        account.accept(data[:32], data)
    assert (account.pickle(KEY), session.pickle(KEY)) == (ACCOUNT, SESSION)


def test_low_order_keys_open_no_session() -> None:
    account, peer = Account.create(0), Account.create(1)
    with pytest.raises(Violation, match="low order"):
        account.open_to(bytes(32), peer.one_time_keys[0])
    with pytest.raises(Violation, match="low order"):
        account.open_to(peer.identity, bytes(32))
    with pytest.raises(Violation, match="32 bytes"):
        account.open_to(peer.identity[1:], peer.one_time_keys[0])


def test_a_pickle_restores_and_another_key_or_other_bytes_do_not() -> None:
    account = Account.create(3)
    again = Account.restore(account.pickle(KEY), KEY)
    assert (again.identity, again.one_time_keys) == (account.identity, account.one_time_keys)
    with pytest.raises(Refused):
        Account.restore(account.pickle(KEY), b"x" * 32)
    with pytest.raises(Refused):
        Session.restore(b"\xff", KEY)


def test_one_time_keys_are_bounded() -> None:
    account = Account.create(100)
    assert len(set(account.one_time_keys)) == 100
    with pytest.raises(Refused):
        account.add_one_time_keys(901)


@pytest.mark.parametrize("key", [bytes(32), (1).to_bytes(32, "little"), b"short"])
def test_an_olm_key_to_which_no_session_opens_is_found_at_the_door(key: bytes) -> None:
    with pytest.raises(Violation, match="low order"):
        check_olm_key(key)
    check_olm_key(Account.create(0).identity)


ACCOUNT = Account.create(2).pickle(KEY)
SESSION = pair()[0].pickle(KEY)
