"""What a promise is worth once it was made public: by its own rule, on whose word, and whatever crossed."""

import pytest
from msgspec import structs

from backchannel.channel.event import Erased
from backchannel.moves.pledge import PledgeAcknowledge
from promises import PLEDGE, Table, standing

TRIO = (("Ada", "A", "principal"), ("Ben", "B", "principal"), ("Carl", "C", "principal"))


@pytest.mark.parametrize("kind", ["pledge", "understanding"])
@pytest.mark.parametrize(
    ("lapse", "reported", "chosen"),
    [("at-once", "lapsed", "lapsed"), ("election", "stands", "lapsed"), ("never", "stands", "stands")],
)
def test_a_promise_made_public_lapses_by_its_own_rule(
    kind: str, lapse: str, reported: str, chosen: str
) -> None:
    table = Table.of()
    if kind == "pledge":
        made = table.pledge(body=structs.replace(PLEDGE, lapse=lapse))
    else:
        made = table.understanding(lapse)
    live = table.status(made)
    assert live in {"due", "confirmed"}
    table.lapse("Ada", made)
    assert table.status(made) == live, "nothing lapses before a report"
    table.published("Ada", made, "B")
    assert table.status(made) == {"lapsed": "lapsed", "stands": live}[reported]
    table.lapse("Ada", made)
    assert table.status(made) == {"lapsed": "lapsed", "stands": live}[chosen]


def test_a_side_that_published_cannot_elect_whoever_says_that_it_published() -> None:
    table = Table.of()
    made = table.pledge()
    table.published("Ada", made, "B")
    table.lapse("Ben", made)
    assert table.status(made) == "due"
    table.published("Ben", made, "A")
    table.lapse("Ada", made)
    table.lapse("Ben", made)
    assert table.status(made) == "lapsed", "each blames the other, and both want it to lapse"


def test_each_blames_the_other_and_the_promise_stands_until_both_let_it_lapse() -> None:
    table = Table.of()
    made = table.pledge()
    table.published("Ada", made, "B", cross=True)
    table.published("Ben", made, "A", cross=True)
    table.meet()
    table.lapse("Ada", made)
    assert table.status(made) == "due"


def test_a_choice_that_crossed_with_the_report_of_who_made_it_public_counts_for_nothing() -> None:
    table = Table.of()
    made = table.pledge()
    table.published("Ada", made, "B")
    table.lapse("Ada", made, cross=True)
    table.published("Ben", made, "A", cross=True)
    table.meet()
    assert table.status(made) == "due"


def test_a_report_that_follows_the_choice_does_not_undo_it() -> None:
    table = Table.of()
    made = table.pledge()
    table.published("Ada", made, "B")
    table.lapse("Ada", made)
    table.published("Ben", made, "A")
    assert table.status(made) == "lapsed"


def test_if_nobody_knows_who_published_it_stands_until_all_sides_have_chosen() -> None:
    table = Table.of()
    made = table.understanding()
    table.published("Ada", made)
    table.lapse("Ada", made)
    assert table.status(made) == "confirmed"
    table.lapse("Ben", made)
    assert table.status(made) == "lapsed"


@pytest.mark.parametrize("reporter", ["Carl", "Gina"])
def test_a_report_by_somebody_whom_it_does_not_bind_is_shown_and_ends_nothing(reporter: str) -> None:
    table = Table.of(*TRIO, ("Gina", "G", "go-between"))
    made = table.pledge(body=structs.replace(PLEDGE, lapse="at-once"))
    table.published(reporter, made, "B")
    stands = table.stands(made)
    assert (stands.status.value, len(stands.fate.reports)) == ("due", 1)


def test_after_it_was_kept_nothing_lapses() -> None:
    table = Table.of()
    made = table.pledge(body=structs.replace(PLEDGE, lapse="at-once"))
    table.read("Ben", table.deed("Ada", made), "kept")
    table.published("Ben", made, "A")
    assert table.status(made) == "kept"
    assert table.stands(made).fate.ended is None


def test_a_deed_that_crosses_with_the_report_counts_and_one_that_follows_it_does_not() -> None:
    for crossing, status in ((True, "kept"), (False, "lapsed")):
        table = Table.of()
        made = table.pledge(body=structs.replace(PLEDGE, lapse="at-once"))
        table.published("Ben", made, "B", cross=crossing)
        done = table.deed("Ada", made)
        table.meet()
        assert table.status(made) == "lapsed", "until the other side has read it"
        table.read("Ben", done, "kept")
        assert table.status(made) == status


def test_who_is_overdue_cannot_escape_the_word_broken_by_a_report() -> None:
    for due, status in ((5, "broken"), (100, "lapsed")):
        table = Table.of()
        made = table.say("Ada", "pledge", structs.replace(PLEDGE, lapse="at-once", due=due))
        table.say("Ben", "pledge-acknowledge", PledgeAcknowledge(made), 4)
        table.published("Ada", made, "B")
        assert table.status(made, 200) == "lapsed"
        table.broken("Ben", made, 200)
        assert table.status(made, 200) == status


def test_a_report_whose_words_have_gone_ends_nothing() -> None:
    table = Table.of()
    made = table.pledge(body=structs.replace(PLEDGE, lapse="at-once"))
    said = table.published("Ben", made, "A")
    assert table.status(made) == "lapsed"
    log = table["Ada"].log
    assert log is not None
    log.erase(said, Erased.EXPIRED)
    assert standing(log, made, 50).status.value == "due"


def test_a_report_and_a_choice_of_somebody_who_had_not_seen_the_promise_end_nothing() -> None:
    table = Table.of()
    made = table.say("Ada", "pledge", structs.replace(PLEDGE, lapse="at-once"), cross=True)
    table.published("Ben", made, "A", cross=True)
    table.meet()
    table.say("Ben", "pledge-acknowledge", PledgeAcknowledge(made))
    assert table.status(made) == "due"
    other = table.say("Ada", "pledge", PLEDGE, cross=True)
    table.lapse("Ben", other, cross=True)
    table.meet()
    table.say("Ben", "pledge-acknowledge", PledgeAcknowledge(other))
    table.published("Ben", other, "A")
    assert table.status(other) == "due"
