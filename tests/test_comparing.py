"""Six words show whether two desks hold the same keys; an inviter in the middle is heard."""

from pathlib import Path

import pytest

from backchannel.channel.words import WordsReveal, exchanges
from backchannel.contacts.safety_words import new_nonce, word_list
from backchannel.desk import comparing
from backchannel.desk.comparing import Stand
from backchannel.desk.room import Room
from backchannel.desk.sending import say
from backchannel.errors import Blocked, Refused, Violation
from backchannel.wire.codec import encode
from desks import Stage, in_talks


def begun(tmp_path: Path, *names: str) -> Stage:
    stage = in_talks(tmp_path, *(names or ("Anna", "Boris")))
    anna, boris = stage.seats["Anna"].room, stage.seats["Boris"].room
    comparing.begin(anna, boris.me, stage.now)
    stage.settle()
    return stage


def read_out(room: Room, other: Room) -> str:
    found = comparing.words(room, other.me)
    assert found is not None
    return found.mine


def test_each_desk_shows_the_three_words_that_the_other_waits_for(tmp_path: Path) -> None:
    stage = begun(tmp_path)
    anna, boris = stage.seats["Anna"].room, stage.seats["Boris"].room
    first, second = read_out(anna, boris), read_out(boris, anna)
    assert len(first.split()) == len(second.split()) == 3
    assert first != second
    comparing.heard(anna, boris.me, second.upper(), stage.now)
    assert comparing.basis(anna, boris.me).startswith("compared by you, ")
    assert comparing.basis(boris, anna.me) == "here before you, not compared"
    comparing.heard(boris, anna.me, first, stage.now)
    stage.settle()
    assert comparing.basis(boris, anna.me).startswith("compared by you, ")
    assert len(exchanges(anna.log)[0].compared) == 2
    stage.close()


def test_one_of_a_side_vouches_for_the_others_of_that_side(tmp_path: Path) -> None:
    stage = begun(tmp_path, "Anna", "Boris", "Carl", "Dora")  # Dora is of Anna's side
    anna, boris, carl, dora = (seat.room for seat in stage.seats.values())
    comparing.heard(anna, boris.me, read_out(boris, anna), stage.now)
    stage.settle()
    assert comparing.basis(dora, boris.me).startswith("compared by Anna of your side, ")
    assert "compared by" not in comparing.basis(carl, boris.me)
    stage.close()


def test_other_words_are_remembered_loudly_and_nothing_is_said_of_them(tmp_path: Path) -> None:
    stage = begun(tmp_path)
    anna, boris = stage.seats["Anna"].room, stage.seats["Boris"].room
    wrong = " ".join(word for word in word_list()[:4] if word not in read_out(boris, anna))[:200]
    events = len(anna.log.entries)
    with pytest.raises(Violation, match="somebody is between"):
        comparing.heard(anna, boris.me, " ".join(wrong.split()[:3]), stage.now)
    assert len(anna.log.entries) == events
    stage.seats["Anna"].reopen()
    anna = stage.seats["Anna"].room
    assert len(comparing.alarms(anna)) == 1
    assert comparing.basis(anna, boris.me).startswith("THE WORDS WERE DIFFERENT")
    comparing.heard(anna, boris.me, read_out(boris, anna), stage.now)
    assert not comparing.alarms(anna)
    stage.close()


def test_a_slip_is_asked_for_again_and_changes_nothing(tmp_path: Path) -> None:
    stage = begun(tmp_path)
    anna, boris = stage.seats["Anna"].room, stage.seats["Boris"].room
    with pytest.raises(Refused):
        comparing.heard(anna, boris.me, "academic xylophone acid", stage.now)
    assert not comparing.alarms(anna)
    stage.close()


def test_there_are_no_words_before_the_others_desk_has_answered(tmp_path: Path) -> None:
    stage = in_talks(tmp_path, "Anna", "Boris")
    anna, boris = stage.seats["Anna"].room, stage.seats["Boris"].room
    comparing.begin(anna, boris.me, stage.now)
    found = comparing.words(anna, boris.me)
    assert found is not None
    assert (found.stand, found.mine) == (Stand.WAITING, "")
    with pytest.raises(Blocked):
        comparing.heard(anna, boris.me, "academic acid acne", stage.now)
    stage.close()


def test_whoever_opens_another_nonce_than_promised_is_found_out(tmp_path: Path) -> None:
    stage = in_talks(tmp_path, "Anna", "Boris")
    anna, boris = stage.seats["Anna"].room, stage.seats["Boris"].room
    entry = comparing.begin(anna, boris.me, stage.now)
    kept = anna.db.one("SELECT value FROM comparisons")
    assert kept is not None
    stage.seats["Anna"].turn()
    stage.seats["Boris"].turn()
    with anna.changing():  # Anna's desk has chosen its words after having seen Boris's nonce
        anna.db.run("UPDATE comparisons SET value = ?", encode(comparing.Kept(entry.id, new_nonce())))
    stage.settle()
    assert len(comparing.alarms(boris)) == 1
    assert read_out(boris, anna) == ""
    stage.close()


def test_a_nonce_opened_before_the_others_was_seen_counts_for_nothing(tmp_path: Path) -> None:
    stage = in_talks(tmp_path, "Anna", "Boris")
    anna, boris = stage.seats["Anna"].room, stage.seats["Boris"].room
    entry = comparing.begin(anna, boris.me, stage.now)
    with anna.changing():
        say(anna, "words-reveal", encode(WordsReveal(entry.id, new_nonce())), stage.now)
    stage.settle()
    (exchange,) = exchanges(boris.log)
    assert exchange.answer is not None
    assert exchange.words() is not None
    stage.close()


def test_an_inviter_in_the_middle_is_heard_as_other_words(tmp_path: Path) -> None:
    """Boris invites Vera, but seats a puppet of his own in Anna's room and plays Anna to Vera in another."""
    real, played = in_talks(tmp_path, "Anna", "Boris"), Stage(tmp_path / "played")
    real.sit("Vera")  # Boris's puppet, whom Anna admits
    real.bring("Boris", "Vera", "C")
    played.sit("Anna")  # Boris's other puppet
    played.open_room("Anna")
    played.sit("Vera")
    played.bring("Anna", "Vera", "C")
    anna, puppet = real.seats["Anna"].room, real.seats["Vera"].room
    vera, other_puppet = played.seats["Vera"].room, played.seats["Anna"].room
    comparing.begin(anna, puppet.me, real.now)
    comparing.begin(other_puppet, vera.me, played.now)
    real.settle()
    played.settle()
    with pytest.raises(Violation, match="somebody is between"):  # Anna reads to Vera over the telephone
        comparing.heard(vera, other_puppet.me, read_out(anna, puppet), played.now)
    with pytest.raises(Violation, match="somebody is between"):
        comparing.heard(anna, puppet.me, read_out(vera, other_puppet), real.now)
    assert comparing.alarms(anna)
    assert comparing.alarms(vera)
    real.close()
    played.close()
