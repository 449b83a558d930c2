"""Every act that the command line has can be done in the browser, by the same words."""

import argparse
import asyncio
import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from io import BytesIO

import pytest
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartParser

import sentences
from backchannel.__main__ import GROUPS, parser
from backchannel.desk.commands.table import COMMANDS
from backchannel.errors import Refused
from backchannel.pages.doing import check_marks, marked
from backchannel.pages.forms import HIDDEN, Act, Kind, blank, kept
from backchannel.pages.house import arguments
from backchannel.pages.rows import ACTS
from backchannel.pages.rows.soundings import finer, wants
from backchannel.pages.rows.texts import draft_file
from backchannel.pages.table import LOOKS
from backchannel.pages.things import SOURCES
from backchannel.pages.uploads import MOST_BYTES
from backchannel.pages.uploads import filled as filled_in
from backchannel.pages.words import Words
from backchannel.said import said
from commands_page import commands

ID = "0123456789ab"
# What says something in a room and has no row, with the reason.
ELSEWHERE = {
    "package progress": "a look that lets the search go on; the page of packages takes it each time it is shown",
}
# Options of rows that are not asked for in the browser, with the reason.
NOT_ASKED = {
    "text_file": "a text is typed",
    "draft": "drafts of the pages are kept by the pages",
    "discard_draft": "as draft",
    "to_present_readers": "the form says who reads it, and asks again if that moved",
    "yes": "the form itself says what cannot be undone",
    "file": "a file of issues has a form of its own",
    "profile": "as file",
    "answers_file": "each issue is asked for",
    "words_fd": "words are typed",
    "new_passphrase_fd": "passphrases are typed",
    "key_passphrase_fd": "passphrases are typed",
    "heard_fd": "words are typed",
    "items": "everything new is marked read",
    "every": "each option is marked",
    "languages": "every language is in the page, the reader's first",
    "wording": "a page shows a report in the reader's language",
}
FILLED = {
    Kind.CHOICE: "",
    Kind.MARKS: "1\n2",
    Kind.MOMENT: "2026-12-01T18:00",
    Kind.THING: ID,
    Kind.THINGS: ID,
    Kind.CHECK: "yes",
    Kind.ITEM: "7",
    Kind.RECORDS: '{"subject": "The dam"}',
}


def filled(act: Act) -> dict[str, str]:
    """Fill in everything that a form asks."""
    form = {field.name: FILLED.get(field.kind, "3") or field.choices[-1] for field in act.fields}
    brought = {f"{field.name}.0": "e30=" for field in act.fields if field.kind in {Kind.FILE, Kind.FILES}}
    return form | brought | ({"terms": "cuba: The bases go."} if "terms" in form else {})


# Every other command without a row: how a person has it in the browser, or why not.
LOOKED_AT = {
    **dict.fromkeys(
        ("status", "rooms", "room", "people", "requests", "show", "audience", "search", "relay list", "relay proxy", "passphrase",
         "relay add", "compare", "lock-after", "notebook show", "notebook search"), "a page or a form of its own",
    ),
    "link show": "under the settings",
    "sunset show": "with the clocks",
    "attachments list": "files are listed under their paper",
    "attachments save": "each is a link under its paper",
    "forge": "a page of its own",
    "package questions": "asked by the form of wants",
    "package told": "asked by the form that asks again",
    "seal consequence": "said by the form, before the act",
    "sound consequence": "said by the form, before the act",
    "sound posted-why": "said by the form, before the act",
    "sound price-why": "said by the form, before the act",
    "sound reckoning": "said by the form, before the act",
    "surface preview": "the page itself, in daylight",
    "sync": "the pages follow the room by themselves",
    "understanding record": "chosen in the form of a text to be sealed",
    "watch": "the pages follow the room by themselves",
}  # fmt: skip


def sayings() -> set[str]:
    return {name for name in tree() if name in COMMANDS and COMMANDS[name].sends}


def test_every_command_that_says_something_in_a_room_has_a_form() -> None:
    rows = {" ".join(act.command) for act in ACTS.values()}
    assert sayings() - rows == set(ELSEWHERE)
    assert rows <= set(COMMANDS)


# Groups of the command line beside `desk`, and where they are on the pages, or why they are not.
BESIDE = {
    "forge": "a page of every room",
    "verify": "the page that checks a sealed text, before and after the desk is unlocked",
    "page": "made on the same page",
    "stamp": "asked for and taken in beside a text in its room; nobody else has a reason to stamp it",
    "play": "practice desks over a relay of their own are begun where the program was installed, and end in browsers",
    "relay": "its operator is another person, on another machine",
    "completion": "is about typing commands",
}


# What a page says of a command that somebody typed, or has to type, at a terminal.
AT_A_TERMINAL = {
    "desk lock": "a terminal keeps the desk unlocked, and lets it go there",
    "desk open": "the pages of a desk that has not let this browser in",
    "desk \u2068x\u2069": "something was named that is not there, where a form would have let choose",
    "stamp request": "a file of a terminal's",
}.keys()


def test_what_the_command_line_has_beside_a_desk_has_a_page_or_a_reason() -> None:
    assert {"desk", *BESIDE} == set(GROUPS)


def test_every_act_is_reached_from_a_page() -> None:
    folder = files("backchannel.pages")
    pages = [one.read_text("utf-8") for one in folder.joinpath("templates").iterdir()]
    source = "".join([*pages, folder.joinpath("corner.py").read_text("utf-8")])
    assert [name for name in ACTS if not re.search(rf'["/]{name}["?]', source)] == []


def test_a_sentence_that_names_a_command_names_on_a_page_what_stands_there_instead() -> None:
    naming = [text for text in sentences.found() if "`backchannel " in text]
    told = [
        str(Words("en").plainly(said(text, **dict.fromkeys(sentences.PLACE.findall(text), "x"))))
        for text in naming
    ]
    assert len(naming) > 50
    assert {text.partition("`backchannel ")[2].partition("`")[0] for text in told} - {""} == AT_A_TERMINAL
    refusal = "Say it all the same with --beyond-mandate, or `backchannel desk mandate show`"
    assert Words("en").plainly(refusal) == refusal, "what others wrote is left as it is"
    beyond = said(
        "ask your principal, or say it all the same with --beyond-mandate: everyone then sees that it goes beyond your mandate"
    )
    assert "“Even if it goes beyond your mandate; everyone sees that it does”" in Words("en").plainly(beyond)


def test_every_other_command_has_a_page_a_form_or_a_reason() -> None:
    rows = {" ".join(act.command) for act in ACTS.values()}
    shown = {" ".join(words) for look in LOOKS.values() for words in look.values()}
    assert set(COMMANDS) - rows - shown - set(ELSEWHERE) == set(LOOKED_AT)


@pytest.mark.parametrize("name", ACTS)
def test_a_filled_form_is_a_command_that_the_command_line_understands(name: str) -> None:
    act = ACTS[name]
    args = arguments(act.words(filled(act)), act.answers(filled(act)))
    assert args.command == " ".join(act.command)
    needed = [field for field in act.fields if field.needed]
    for field in needed:
        with pytest.raises(Refused):
            act.words({**filled(act), field.name: " "})
    if act.fields and not needed:
        arguments(act.words(blank(act)), act.answers(blank(act)))


@cache
def tree() -> Mapping[str, argparse.ArgumentParser]:
    return {leaf.get_default("command"): leaf for leaf in commands(parser("desk"))}


SHARED = {"help", "desk", "room", "seen", "json", "plain", "passphrase_fd", "no_sync"}


@pytest.mark.parametrize("name", ACTS)
def test_what_a_form_does_not_ask_is_left_out_for_a_reason(name: str) -> None:
    act = ACTS[name]
    options = {field.option for field in act.fields} | {word.partition("=")[0] for word in act.fixed}
    options |= {"--none", "--yes"} if any(field.kind is Kind.MARKS for field in act.fields) else set()
    more = {same for other in ACTS.values() if other.command == act.command for same in other.fixed}
    missing = {
        action.dest
        for action in tree()[" ".join(act.command)]._actions
        if action.option_strings
        and not options & set(action.option_strings)
        and action.dest not in SHARED
        and not more & set(action.option_strings)
    }
    assert missing - set(NOT_ASKED) - own_reasons(name) == set()


def own_reasons(name: str) -> set[str]:
    """Give what one act alone does not ask, or asks in another way."""
    reasons: Mapping[str, set[str]] = {
        "clock-private": {"felt_by", "hard"},
        "seal-stamp-ask": {"response"},
        "seal-stamp-take": {"to"},
        "package-take": {"issue"},
        "package-prefer-file": {"answers"},
        "report": {"to", "wording"},  # drafted by a link of the page of texts, in the language of its reader
        "sound-open": {"none"},
        "sound-answer": {"mine", "end"},  # asked by the form for a list of prices
        "sound-answer-price": {"accepted", "none"},
        "package-prefer": {"answers"},
        "package-refine": {"answers"},
        "export": {"to"},
        "surface-propose": {"narrative"},
        "note": {"beyond_list"},
        "standby-lodge": {"beyond_list"},
        "standby-release": {"beyond_list"},
    }
    return reasons.get(name, set())


def test_every_thing_a_form_asks_for_is_listed_by_a_command() -> None:
    asked = {
        field.of for act in ACTS.values() for field in act.fields if field.kind in {Kind.THING, Kind.THINGS}
    }
    assert asked == set(SOURCES)
    assert {" ".join(source.command) for sources in SOURCES.values() for source in sources} <= set(COMMANDS)


def test_a_text_to_be_sealed_is_written_as_the_command_reads_it() -> None:
    said = draft_file(
        {"text_title": "Pause", "dated": "2026-12-01T18:00", "sealers": "A\nB", "clauses": "One.\r\n\r\nTwo,\nstill.",
         "terms": "cuba: The bases\ngo.", "lapse": "never"}
    )  # fmt: skip
    assert said["words"] == (
        '{"title": "Pause", "dated": "2026-12-01T18:00:00Z", "sides": ["A", "B"], "clauses": ["One.", "Two,\\nstill."],'
        ' "terms": {"cuba": "The bases\\ngo."}, "lapse": "never"}'
    )
    spoken = draft_file({"spoken": '{"subject": "Fish"}\n{"subject": "Ice"}', "text_kind": "report"})["words"]
    assert json.loads(str(spoken))["understandings"] == {
        "spoken-1": {"subject": "Fish"},
        "spoken-2": {"subject": "Ice"},
    }
    assert json.loads(str(spoken))["kind"] == "report"
    with pytest.raises(Refused, match="a name, a colon"):
        draft_file({"terms": "no name"})


def test_what_somebody_wants_is_written_as_the_command_reads_it() -> None:
    form = {"issue.0": "Dues", "option.0.0": "shared", "option.0.1": "half", "option.0.2": "all", "best.0": "all",
            "worst.0": "shared", "matters.0": "3", "between.0.1": "4", "never.0.0": "yes", "issue.1": "Other", "matters.1": "0",
            "option.1.0": "x"}  # fmt: skip
    assert wants(form) == {
        "words": '{"Dues": {"best": "all", "worst": "shared", "between": {"half": 4}, "matters": 3, "never": ["shared"]}}',
        "data": None,
    }
    assert kept(ACTS["package-prefer"], form)["between.0.1"] == "4", "each part of it is kept as a draft"


def test_what_is_asked_again_is_written_as_the_command_reads_it_and_what_is_left_as_it_was_is_left_out() -> (
    None
):
    form = {"issue.0": "Dues", "option.0.0": "shared", "option.0.1": "half", "between.0.0": "0", "between.0.1": "4",
            "issue.1": "Depth", "option.1.0": "x", "between.1.0": "1", "matters.1": "5"}  # fmt: skip
    assert finer(form) == {
        "words": '{"Dues": {"between": {"half": 4}, "matters": 0}, "Depth": {"between": {"x": 1}, "matters": 5}}'
    }


def test_no_secret_and_no_file_is_kept_as_a_draft() -> None:
    for act in ACTS.values():
        hidden = {field.name for field in act.fields if field.kind in HIDDEN}
        form = dict.fromkeys((*hidden, *(f"{name}.0" for name in hidden)), "apple plum fig")
        assert not form.keys() & kept(act, form).keys()


def test_what_a_form_brings_is_kept_in_memory_bounded_and_given_as_commands_carry_it() -> None:
    def brought(*files: tuple[str, bytes]) -> dict[str, str]:
        given = [("attach", UploadFile(BytesIO(data), filename=name)) for name, data in files]
        return asyncio.run(filled_in(FormData([("text", "Hello"), *given])))

    form = brought(("plan.txt", b"one"), ("خطة.txt", b"\x00two"))
    assert ACTS["say"].answers(form) == {"files": [("plan.txt", "b25l"), ("خطة.txt", "AHR3bw==")]}
    assert form["text"] == "Hello"
    assert ACTS["say"].answers(brought()) == {"files": []}
    with pytest.raises(Refused, match="more than 4 MiB"):
        brought(("large", bytes(MOST_BYTES + 1)))
    assert MultiPartParser.spool_max_size > 10 * MOST_BYTES, (
        "nothing is written to a temporary file on the way"
    )


def test_a_new_passphrase_is_typed_twice_and_alike() -> None:
    for name in ("backup", "seal-key-export"):
        assert ACTS[name].answers({"new_passphrase": "one two", "again": "one two"}) == {"new": "one two"}
        with pytest.raises(Refused, match="not the same"):
            ACTS[name].answers({"new_passphrase": "one two", "again": "one  two"})


def test_marks_are_for_the_options_that_were_shown() -> None:
    assert {name for name, act in ACTS.items() if marked(act)} == {
        "sound-answer",
        "package-prefer",
        "package-refine",
        "seal-save",
        "surface-propose",
    }
    for name, thing in (
        ("sound-answer", "sounding"),
        ("package-prefer", "agenda"),
        ("package-refine", "agenda"),
    ):
        for shown in ("", "ba9876543210"):
            with pytest.raises(Refused, match="other options"):
                check_marks(ACTS[name], {"of": shown, thing: ID})
        check_marks(ACTS[name], {"of": ID, thing: ID})
    check_marks(ACTS["say"], {"text": "Hello"})
