"""Plays in text: people who never met, real desks, a real relay, and nothing but commands."""

from collections.abc import Iterator

import pytest

from cli_stage import Stage, stage


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage(tmp_path_factory.mktemp("play")) as one:
        yield one


def test_two_people_and_a_go_between_who_never_met_open_a_room_and_talk(table: Stage) -> None:
    for name in ("anna", "boris", "carl"):
        table.person(name)
    table.play("""
        anna> open --title "The hostages" --side A --retention 7d
          “The hostages” is open
          PLENARY · readable by 1: A 1
          no cover: the relay sees when you write
        anna> status
          The hostages
    """)
    table.invite("anna", "boris", "--side", "B")
    table.play("""
        anna> status
          Nobody has answered your invitation to “The hostages” for B as principal (meant for boris) yet
        boris> join {line} --words-fd 0 << {words}
          the words are spent
        boris~ status
          a member of every side must admit you
        boris> show
          exit 4
          There is nothing to show
        anna~ requests
          Boris (B) asks to come in as principal, brought by Anna (A)
          still to be heard: A
        anna> admit Boris
          Boris (B) is admitted
          sent
        boris~ room
          PLENARY · readable by 2: A 1, B 1
          Anna (A), principal:
          texts live 7 days
    """)
    table.invite("boris", "carl", "--side", "Algiers", "--role", "go-between")
    table.play("""
        carl> join {line} --words-fd 0 << {words}
        anna~ requests
          Carl (Algiers) asks to come in as go-between, brought by Boris (B)
        anna> say "We would rather meet Carl first." --register talk
        anna> admit carl
          still to be heard: B
        boris~ requests
          yes from Anna (A); still to be heard: B
        boris> admit carl
        carl~ room
          PLENARY · readable by 3: A 1, B 1, go-between 1
          not compared
        carl> show
          never rather meet Carl
        carl> say --register non-paper --mandate exploratory --capacity personal -- "If they were released, could the funds be unfrozen?"
          is said, non-paper
          readable by 3
          sent
        anna~ status
          1 not read yet: #2
        anna> read
          #2  non-paper · Carl (Algiers), go-between · exploratory, binds nobody · in a personal capacity
          │ If they were released, could the funds be unfrozen?
        anna> say --answers 2 --register conditional --mandate authorised -- "If all are released, we would unfreeze."
          #3 is said
        boris~ show 2
          answered by #3
        boris~ show 3
          answers #2
          conditional · Anna (A), principal · says: authorised
          unanswered for under a minute
        carl~ status
          #3 (by Anna) unanswered
    """)


def test_letters_that_cross_are_marked_on_every_desk(table: Stage) -> None:
    table.play("""
        anna> lock
        boris> lock
    """)
    anna, boris = table.people["anna"], table.people["boris"]
    for someone, text in ((anna, "A softer letter."), (boris, "A harder letter.")):
        done = someone.type("say", "--no-sync", "--", text, alone=True)
        assert done.code == 0, done.shown
        assert "saved here; it goes out when there is a line" in done.out
    anna.unlock()
    boris.unlock()
    table.play("""
        carl~ show
          crossed with #4·Boris: written without sight of each other
          crossed with #4·Anna: written without sight of each other
        anna~ show 4.Boris
          A harder letter.
        boris~ show 4
          exit 2
          Two items crossed as #4; say #4·
    """)


def test_a_withdrawn_text_is_gone_from_every_desk_and_that_it_was_shown_remains(table: Stage) -> None:
    table.play("""
        boris> say --register formal --expires 2h -- "Our last offer, on yellow paper."
          #5 is said
        carl~ show 5
          yellow paper
          expires
        boris> withdraw 5
          #5 is withdrawn
        carl~ show 5
          its author withdrew it
          never yellow
        carl> show
          Boris (B) withdrew #5
          never yellow
        carl> withdraw 2
          #2 is withdrawn
        anna> withdraw 2
          exit 2
          Only Carl can withdraw this paper
    """)


def test_a_note_of_a_public_event_stands_on_the_record_and_is_answered(table: Stage) -> None:
    table.play("""
        anna> note --source "radio, first programme" --at "2026-10-27 17:00 Europe/Paris" -- "They broadcast other terms."
          is said
        boris~ show
          note of a public event by Anna (A), principal: radio, first programme, 27 Oct 2026, 16:00 UTC
        boris> say --answers 6 -- "That was not ours."
        anna~ show 6
          answered by #7
    """)


def test_files_travel_and_are_written_where_they_do_no_harm(table: Stage) -> None:
    folder = table.folder / "files"
    folder.mkdir()
    (folder / "-rf *.txt").write_text("the annex")
    table.told["file"] = f"'{folder / '-rf *.txt'}'"
    table.told["to"] = str(folder)
    table.play("""
        anna> say --attach {file} -- "See the annex."
          #8 is said
        boris~ attachments list 8
          -rf *.txt, 9 bytes
        boris> attachments save 8 --to {to}
          rf _.txt
        boris> attachments save 8 --to {to}
          exit 2
          is there already
    """)
    assert (folder / "rf _.txt").read_text() == "the annex"


def test_what_the_person_has_seen_is_held_against_the_room(table: Stage) -> None:
    anna = table.people["anna"]
    seen = str(anna.type("room", "--json").value["head"])
    table.told["seen"] = seen
    table.play("""
        anna> say --seen {seen} -- "As things stand: yes."
          #9 is said
        anna> say --seen {seen} -- "As things stand: no."
          exit 8
          The room has moved on
          kept as draft
        anna> status
          was not said: As things stand: no.
        anna> say --draft
          #10 is said
        anna> status
          never was not said
    """)


def test_somebody_leaves_and_reads_nothing_that_is_said_after(table: Stage) -> None:
    table.play("""
        carl> leave
          exit 2
          --yes
        carl> leave --yes
          You have left
        anna~ room
          PLENARY · readable by 2: A 1, B 1
        boris~ room
          readable by 2
        anna> say -- "Between the two of us."
        boris~ show
          Between the two of us.
          Carl (Algiers) has left
        carl> show
          you have left it
          never Between the two
        carl> say -- "Hello?"
          exit 2
          You have left this room
    """)
