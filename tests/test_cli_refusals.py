"""What cannot be done is said in one sentence with the way out, under its own exit code, and nothing is lost."""

import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from backchannel.desk.desk import Desk
from backchannel.errors import Exit
from cli_stage import Stage, command, environment, stage


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage(tmp_path_factory.mktemp("refusals")) as one:
        one.person("anna")
        one.person("boris", admissions=0)
        one.person("carl", admissions=0)
        one.play("anna> open-room --title Talks --side A")
        one.bring("anna", "boris", side="B")
        one.told["head"] = str(one.people["anna"].type("room", "--json").value["head"])
        yield one


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        ("show --room Elsewhere", 2, "No room here is called “Elsewhere”; this desk's rooms are: Talks."),
        ("show 99", 2, "There is no item 99 in this room; `backchannel desk show` lists them."),
        ("show --seen 000000000000", 8, "look with `backchannel desk show`, then do it again."),
        ("open-room --title Talks --side A", 2, "choose another title."),
        (
            "open-room --title New --side A --relay http://elsewhere",
            2,
            "add it with `backchannel desk relay add`.",
        ),
        ("open-room --title New --side A --retention never", 2, "write for instance 30d, 2h or 45m."),
        ("say --expires yesterday -- text", 2, "write for instance 2026-12-01 18:00"),
        ("say --expires '2001-01-01 10:00' -- text", 6, "give a later time."),
        ("say --answers 41 -- text", 2, "There is no item 41"),
        ("say --for Carl -- text", 2, "give both --for NAME and --manner."),
        ("say --attach /nowhere/file -- text", 2, "/nowhere/file cannot be read: No such file or directory."),
        ("say --text-file /nowhere/file", 2, "/nowhere/file cannot be read"),
        ("say --draft 77", 2, "There is no such draft for this room"),
        ("say", 2, "There is nothing in this paper; write a text or attach a file."),
        ("withdraw 3", 2, "There is no item 3 in this room"),
        ("admit Nobody", 2, "Nobody called Nobody asks to come in; see `backchannel desk requests`."),
        ("remove Nobody --yes", 2, "Nobody here is called Nobody; in this room are Anna, Boris."),
        ("retention 9y", 2, "it can only be less."),
        ("leave", 2, "give it with --yes."),
        ("forget", 2, "give it with --yes."),
        ("relay add ftp://relay", 2, "write for instance https://relay.example.org."),
        ("relay add http://relay --pin 00", 2, "A pin has 64 hexadecimal digits"),
        ("relay proxy http://proxy", 2, "write for instance socks5://127.0.0.1:9050."),
        (
            "join nonsense --words-fd 0 << academic acid acne",
            2,
            "one begins with “backchannel:”; please copy the whole line.",
        ),
        ("attachments save 1", 2, "There is no item 1"),
        ("note --source radio --at 2030-01-01 -- text", 2, "note it when it has."),
        ("sync --for never", 2, "30d"),
    ],
)
def test_a_refusal_is_one_sentence_with_the_way_out(table: Stage, typed: str, code: int, said: str) -> None:
    table.play(f"anna> {typed}\n  exit {code}\n  {said}")


def test_no_refusal_moved_the_room(table: Stage) -> None:
    assert table.people["anna"].type("room", "--json").value["head"] == table.told["head"]


def test_a_refusal_in_json_is_one_line_of_json_and_the_same_code(table: Stage) -> None:
    done = table.people["anna"].type("show", "--room", "Elsewhere", "--json")
    assert done.code == Exit.REFUSED
    assert done.value["exit"] == Exit.REFUSED
    assert "Elsewhere" in str(done.value["error"])
    assert done.err == ""


def test_a_mistyped_token_is_refused_and_no_token_of_the_file_is_taken(table: Stage) -> None:
    good, bad = table.tokens.pop(), "p2b2-xcpr"
    before = table.people["anna"].type("relay", "list", "--json").value
    done = table.people["anna"].type("relay", "add", table.relay.url, text=f"{good}\n{bad}\n")
    assert done.code == Exit.REFUSED
    assert "copy the whole line" in done.err
    assert table.people["anna"].type("relay", "list", "--json").value == before


def test_a_slip_in_the_words_spends_nothing_and_other_words_show_on_both_desks(table: Stage) -> None:
    table.invite("anna", "carl", "--side", "C")
    table.play("""
        carl> join {line} --words-fd 0 << only two
          exit 2
        carl> join {line} --words-fd 0 << academic acid acne
          the words are spent
        anna~ status
          ! Somebody answered your invitation
          has not proved the words
        carl~ status
          FAILED
          make a new invitation
        carl> join {line} --words-fd 0 << {words}
          exit 2
          its words are spent, so ask for a new one
    """)


def test_an_invitation_that_has_run_out_is_told_by_its_own_code(table: Stage, tmp_path: Path) -> None:
    table.invite("anna", "carl", "--side", "C", "--for", "1m")
    later = tmp_path / "clock"
    later.write_text("120000")
    carl = table.people["carl"]
    carl.lock()
    carl.env = environment(BACKCHANNEL_CLOCK=str(later))
    carl.unlock()
    table.play("""
        carl> join {line} --words-fd 0 << {words}
          exit 6
          This invitation ran out on
          please ask for a new one.
    """)


def test_a_desk_without_admissions_says_whom_to_ask(table: Stage, tmp_path: Path) -> None:
    Desk.create(tmp_path / "dora", b"dora's key".ljust(32, b"-"), "Dora", raw=True).close()
    dora = ("desk", "--desk", str(tmp_path / "dora"))
    done = command(*dora, "open-room", "--title", "T", "--side", "D", passphrase="dora's key".ljust(32, "-"))
    assert (done.code, done.err) == (
        2,
        "This desk knows no relay; add one with `backchannel desk relay add`.\n",
    )


def test_no_desk_and_a_second_desk_in_one_folder(table: Stage, tmp_path: Path) -> None:
    done = command("desk", "--desk", str(tmp_path / "none"), "status")
    assert done.code == Exit.REFUSED
    assert "make one with `backchannel desk new`" in done.err
    home = str(table.people["anna"].home)
    done = command("desk", "--desk", home, "new", "--name", "Anna", passphrase="another passphrase")
    assert done.code == Exit.REFUSED
    assert "name another folder with --desk" in done.err


def test_a_text_that_is_not_utf8_or_too_long_is_refused(table: Stage, tmp_path: Path) -> None:
    (tmp_path / "latin1").write_bytes("café".encode("latin-1"))
    (tmp_path / "huge").write_bytes(b"x" * (5 << 20))
    table.told |= {"latin1": str(tmp_path / "latin1"), "huge": str(tmp_path / "huge")}
    table.play("""
        anna> say --text-file {latin1}
          exit 2
          is not UTF-8; save it as UTF-8 and try again.
        anna> say --text-file {huge}
          exit 2
          make it smaller or give it in parts.
        anna> say --attach {huge} -- text
          exit 2
          make it smaller or give it in parts.
    """)


def test_what_was_refused_is_kept_and_said_as_it_was_with_one_thing_changed(table: Stage) -> None:
    table.play("""
        anna> say --register formal --answers 41 -- "Our reply of the third."
          exit 2
          kept as draft
        anna> status
          was not said: Our reply of the third.
        anna> say --draft --answers 41
          exit 2
        anna> say --discard-draft
          is thrown away
        anna> status
          never Our reply of the third.
    """)


def test_a_relay_that_does_not_answer_costs_nothing(table: Stage) -> None:
    table.relay.stop()
    anna = table.people["anna"]
    anna.lock()
    begun = time.monotonic()
    done = anna.type("say", "--", "Into the dark.", alone=True)
    assert done.code == Exit.OK
    assert "saved here; it goes out when there is a line to the relay" in done.out
    assert "cannot be reached" in done.err
    assert time.monotonic() - begun < 8
    done = anna.type("sync", "--for", "1s", alone=True)
    assert done.code == Exit.UNAVAILABLE
    table.relay.start()
    anna.unlock()
    table.play("""
        anna~ sync
          Everything is sent and fetched.
        anna> show
          Into the dark.
    """)


def test_every_relay_is_reached_through_the_proxy_that_was_named(table: Stage) -> None:
    table.play("""
        anna> relay proxy socks5://127.0.0.1:1
          Every relay is reached through socks5://127.0.0.1:1
        anna> sync --for 1s
          exit 10
        anna> status
          relays are reached through socks5://127.0.0.1:1
        anna> relay proxy --off
          this machine's address
        anna~ sync --for 2s
          Everything is sent and fetched.
    """)


def test_a_historical_desk_goes_on_in_its_own_time(table: Stage, tmp_path: Path) -> None:
    october_1962 = -226_800_000_000
    offset = tmp_path / "clock"
    offset.write_text(str(october_1962 - time.time_ns() // 1_000_000))
    anna = table.people["anna"]
    anna.lock()
    anna.env = environment(BACKCHANNEL_CLOCK=str(offset))
    anna.unlock()
    table.play("""
        anna> open-room --title October --side A --retention 2d
        anna> say --room October -- "Stand still."
          the text goes 27 Oct 1962
        anna> say --room October --expires "1962-10-26 12:00 UTC" -- "Stand still until noon."
          the text goes 26 Oct 1962, 12:00 UTC
        anna> show --room October
          sent 25 Oct 1962, 00:
    """)
    anna.lock()
    offset.write_text("soon")
    done = anna.type("rooms", alone=True)
    assert (done.code, "holds no offset in milliseconds" in done.err) == (Exit.REFUSED, True)
    anna.env = environment()


def test_in_a_script_a_room_must_be_named_where_there_are_several(table: Stage) -> None:
    table.people["anna"].unlock()
    table.play("""
        anna> show
          exit 2
          This desk has several rooms; name one with --room: Talks; October.
        anna> forget --room October --yes
          its key is destroyed
        anna> show
          Into the dark.
    """)


def test_nothing_in_the_folder_is_open_to_others(table: Stage) -> None:
    home = table.people["anna"].home
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "rooms").stat().st_mode) == 0o700
