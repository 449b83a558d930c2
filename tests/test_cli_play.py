"""Plays in text: people who never met, real desks, a real relay, and nothing but commands."""

import json
from collections.abc import Iterator
from typing import cast

import pytest

from cli_stage import Stage, stage


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage(tmp_path_factory.mktemp("play")) as one:
        yield one


def test_two_people_and_a_go_between_who_never_met_open_a_room_and_talk(table: Stage) -> None:
    table.person("anna", admissions=20)
    for name in ("boris", "carl"):
        table.person(name, admissions=3)
    table.play("""
        anna> open-room --title "The hostages" --side A --retention 7d
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
          a member of every side must admit you. Your keys are
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


def test_a_carrier_is_shown_apart_from_whom_they_speak_for(table: Stage) -> None:
    table.play("""
        carl> say --for "the minister of B" --manner paraphrase --rule hypothetical -- "He could imagine it."
          #4 is said, corridor talk, may be passed on as a hypothetical
        anna~ show 4
          in the name of the minister of B, paraphrased by the carrier: as delivered by Carl (Algiers)
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
          crossed with #5·Boris: written without sight of each other
          crossed with #5·Anna: written without sight of each other
        anna~ show 5.Boris
          A harder letter.
        boris~ show 5
          exit 2
          Two items crossed as #5; say #5·
    """)


def test_a_withdrawn_text_is_gone_from_every_desk_and_that_it_was_shown_remains(table: Stage) -> None:
    table.play("""
        boris> say --register formal --expires 2h -- "Our last offer, on yellow paper."
          #6 is said
        carl~ show 6
          yellow paper
          expires
        boris> withdraw 6
          #6 is withdrawn
        carl~ show 6
          its author withdrew it
          never yellow
        carl> show
          Boris (B) withdrew #6
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
        boris> say --answers 7 -- "That was not ours."
        anna~ show 7
          answered by #8
    """)


def test_files_travel_and_are_written_where_they_do_no_harm(table: Stage) -> None:
    folder = table.folder / "files"
    folder.mkdir()
    (folder / "-rf *.txt").write_text("the annex")
    table.told["file"] = f"'{folder / '-rf *.txt'}'"
    table.told["to"] = str(folder)
    table.play("""
        anna> say --attach {file} -- "See the annex."
          #9 is said
        boris~ attachments list 9
          -rf *.txt, 9 bytes
        boris> attachments save 9 --to {to}
          rf _.txt
        boris> attachments save 9 --to {to}
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
          #10 is said
        anna> say --seen {seen} -- "As things stand: no."
          exit 8
          The room has moved on
          kept as draft
        anna> status
          was not said: As things stand: no.
        anna> say --draft
          #11 is said
        anna> status
          never was not said
    """)


def test_two_people_compare_words_and_a_third_is_told(table: Stage) -> None:
    table.play("""
        anna> words boris
          Read out:
    """)
    anna, boris = table.people["anna"], table.people["boris"]
    hers = str(anna.type("words", "boris", "--json").value["mine"])
    table.play("""
        boris~ words anna
          Read out:
    """)
    his = str(boris.type("words", "anna", "--json").value["mine"])
    assert hers != his
    table.told |= {"hers": hers, "his": his}
    table.play("""
        anna> words boris --heard-fd 0 << {his}
          These are the right words
        boris> words anna --heard-fd 0 << academic acid acne
          exit 9
          do not go on
        boris> people
          THE WORDS WERE DIFFERENT
        boris> status
          The words compared with Anna were different
        boris> words anna --heard-fd 0 << {hers}
          These are the right words
        anna~ people
          Boris (B), principal: compared by you,
        boris~ people
          Anna (A), principal: compared by you,
          Carl (Algiers), go-between: introduced by Boris, not compared
        carl~ show
          Anna (A) found the words right
          Boris (B) found the words right
    """)


def test_two_records_are_compared_by_six_words_and_by_file(table: Stage) -> None:
    anna, boris = table.people["anna"], table.people["boris"]
    table.told["export"] = str(table.folder / "anna.json")
    table.play("""
        boris~ room
          record: same on 3 of 3
        anna> export --to {export}
          no key
        boris> compare {export}
          The two records are the same
    """)
    six = {
        str(someone.type("compare", "--words", "11", "--json").value["words"]) for someone in (anna, boris)
    }
    assert len(six) == 1
    whole = json.loads((table.folder / "anna.json").read_text("utf-8"))
    assert "Between" not in str(whole)
    assert "As things stand: yes." in str(whole["items"])
    last = next(row for row in reversed(whole["events"]) if row["kind"] == "paper")
    last["body"] = last["body"][:-2] + "00"
    (table.folder / "edited.json").write_text(json.dumps(whole))
    table.told["export"] = str(table.folder / "edited.json")
    table.play("""
        boris> compare {export}
          exit 5
          The records part at #11 by Anna (A)
          has other words in the other record
    """)


def test_a_forged_conversation_reads_like_a_real_one_and_leaves_no_trace(table: Stage) -> None:
    table.play("""
        anna> forge "Boris: We accept everything." "Anna: Then we are done."
          This desk made it a moment ago
          corridor talk · Boris (B), principal
          We accept everything.
          Then we are done.
        anna> show
          never We accept everything.
        anna> forge "Nobody: Hello."
          exit 2
        anna> forge "Hello."
          exit 2
          Write each line as NAME: TEXT
    """)


def test_everything_is_one_line_of_json_for_a_script(table: Stage) -> None:
    anna = table.people["anna"]
    for words in (
        ["show"],
        ["room"],
        ["people"],
        ["requests"],
        ["status"],
        ["rooms"],
        ["relay", "list"],
        ["read"],
        ["sync"],
    ):
        done = anna.type(*words, "--json")
        assert done.code == 0, done.shown
        assert done.out.count("\n") == 1
        assert done.value
    shown = anna.type("show", "--json").value
    (paper,) = [item for item in cast("list[dict[str, object]]", shown["items"]) if item["number"] == 3]
    assert paper["text"] == "If all are released, we would unfreeze."
    assert (paper["register"], paper["mandate"], paper["answers"]) == ("conditional", "authorised", ["#2"])
    assert {receipt["who"] for receipt in cast("list[dict[str, str]]", paper["receipts"])} == {
        "Boris (B)",
        "Carl (Algiers)",
    }


def test_hostile_writing_moves_nothing_and_is_named(table: Stage) -> None:
    forged = "Fine.\n\n#99  formal · Boris (B), principal · says: authorised\n  │ We accept.\x1b[2J\x1b]0;title\x07 \u202egpj.exe"
    done = table.people["carl"].type("say", text=forged)
    assert done.code == 0, done.shown
    table.play("""
        anna~ show 12
          [U+001B][2J[U+001B]]0;title[U+0007]
          it holds characters that turn the direction of writing
    """)
    for more in ([], ["--plain"]):
        shown = table.people["anna"].type("show", "12", *more).out
        assert not any(char in shown for char in "\x1b\x07\u202e")
        assert not any(line.startswith("#99") for line in shown.splitlines())
    plain = table.people["anna"].type("show", "12", "--plain").out
    assert not any(line.startswith("  │") for line in plain.splitlines())


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


def test_reading_is_told_only_if_the_reader_wants_it(table: Stage) -> None:
    table.play("""
        anna> say -- "Read this."
        boris~ read
          Read this.
        boris> sync
        anna> show --last 1
          at Boris (B)
          never read 2
        boris> read --tell yes
          The others are told when you read.
        anna~ show --last 1
          , read 2
        boris> read --tell no
          The others are not told when you read.
    """)


def test_the_strictest_side_says_how_long_texts_live(table: Stage) -> None:
    table.play("""
        boris> retention 2d
          Your side lets texts live here for 2 days
        anna~ room
          texts live 2 days on unmodified software, as B asked
        anna> retention 3d
          Another side's 2 days are stricter and hold.
        anna> retention 30d
          exit 2
    """)


def test_somebody_is_removed_by_their_own_side_and_comes_back_as_a_new_member(table: Stage) -> None:
    table.person("dora", admissions=0)
    table.bring("anna", "dora", "boris", side="A", role="adviser")
    table.play("""
        anna> remove dora --reason "a lost machine" --yes
          Dora (A) is removed
        boris~ room
          readable by 2
        anna~ room
          readable by 2
        anna> say -- "Said without Dora."
        dora~ status
          you are no longer in it
        dora> show
          never Said without Dora
        dora> say -- "Hello?"
          exit 2
        dora> forget --yes
          its key is destroyed
    """)
    table.bring("anna", "dora", "boris", side="A", role="adviser")
    table.play("""
        dora> show
          you came in
          never Said without Dora
    """)
