"""Every sentence is there in every language, says the same of the same, and reaches whoever chose the language."""

import argparse
import json
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

import sentences
from backchannel import languages
from backchannel.__main__ import main
from backchannel.__main__ import parser as program
from backchannel.contacts.invitation import parse_address
from backchannel.crypto.seals import fingerprint, typed_fingerprint
from backchannel.desk.when import date, span
from backchannel.errors import Refused
from backchannel.languages import END, ISOLATE, LANGUAGES, catalogue, chosen, in_language, plural
from backchannel.pages.house import arguments
from backchannel.pages.words import catalogue as names
from backchannel.said import Said, clause, joined, said
from backchannel.usage import sentence

OTHERS = [language for language in LANGUAGES if language != languages.FIRST]
DAY = 86_400_000
PAGE: dict[str, dict[str, str]] = json.loads(
    files("backchannel.daylight").joinpath("page/words.json").read_text(encoding="utf-8")
)
_ONE_WORD = {  # the word chosen for a thing, and those that once stood for it too
    "fr": {
        "partie": r"(?<!à )\bcôtés?\b(?! à côte)",
        "compte rendu": r"procès-verbal",
        "clause close": r"clauses? fermée",
        "exploitant": r"\bopérateur",
        "proxy": r"\bmandataire",
    },
    "ar": {
        "جانب": r"\b(?:طرف|الطرف|طرفاً)\b|الأطراف",
        "مسألة": r"قضية|قضايا",
        "شفهي": r"شفوي",
        "افتراضي": r"والأصل|المبدئي|والمعتاد",
        "رمز دخول": r"رموز الإذن|رمز الإذن|رموز إذن|رمز إذن",
        "ختم زمني": r"ختم وقت|أختام الوقت",
    },
}
_ASKED_FOR = r"""(?<![\w.])t(?:\.naming)?\("([a-z0-9.-]+[a-z0-9])"((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)"""
_TICKED = re.compile(r"`[^`]+`")
_TYPED = re.compile(r"`|^backchannel ")  # what is typed as it stands


@pytest.fixture(autouse=True)
def _english_afterwards() -> Iterator[None]:
    yield
    languages.speak(languages.FIRST)


def _forms(entry: languages.Form) -> dict[str, str]:
    return {"other": entry} if isinstance(entry, str) else {k: v for k, v in entry.items() if k != "by"}


def test_every_sentence_of_the_program_is_in_the_catalogue_in_every_language() -> None:
    missing = {
        text: where
        for text, where in sentences.found().items()
        if set(catalogue().get(text, {})) != set(OTHERS)
    }
    assert missing == {}


def test_no_word_of_the_protocol_stands_in_a_sentence_as_it_is_on_the_wire() -> None:
    assert list(sentences.unworded()) == []


def test_nothing_in_the_catalogue_is_unused() -> None:
    assert set(catalogue()) - {*sentences.found(), "{longer} {shorter}"} == set()


def test_a_sentence_stands_in_one_file_of_the_catalogue() -> None:
    every = [
        text
        for file in languages.WORDS.glob("*.json")
        for text in json.loads(file.read_text(encoding="utf-8"))
    ]
    assert len(every) == len(set(every))


def test_a_translation_has_the_places_of_its_sentence_and_stands_as_it_does() -> None:
    for english, entry in catalogue().items():
        places = set(sentences.PLACE.findall(english))
        for forms in map(_forms, entry.values()):
            assert "other" in forms, english
            assert set(sentences.PLACE.findall(forms["other"])) == places, english
            for form in forms.values():
                assert set(sentences.PLACE.findall(form)) <= places, english
                assert re.match(r"[ \n]*", form)[0] == re.match(r"[ \n]*", english)[0], english  # type: ignore[index]
                assert (form[-1:] == " ") == (english[-1:] == " "), english
                assert form.startswith("!") == english.startswith("!"), english
                assert re.findall(r"`[^`]+`", form) == re.findall(r"`[^`]+`", english), english


def test_a_sentence_of_the_pages_is_given_what_it_has_places_for_and_nothing_else() -> None:
    asked, wrong = 0, []
    for template in files("backchannel.pages").joinpath("templates").iterdir():
        for name, given in re.findall(_ASKED_FOR, template.read_text(encoding="utf-8")):
            asked += 1
            if set(re.findall(r"(?<![\w=!<>])(\w+)=(?!=)", given)) != set(
                re.findall(r"{(\w+)}", names()[name]["en"])
            ):
                wrong.append((template.name, name, given))
    assert wrong == []
    assert asked > 300


def test_arabic_is_written_in_arabic_and_french_is_not_english() -> None:
    for english, entry in catalogue().items():
        if sum(map(str.isalpha, sentences.PLACE.sub("", english))) > 3 and not _TYPED.search(english):
            assert all(re.search(r"[\u0600-\u06ff]", form) for form in _forms(entry["ar"]).values()), english


def _said_in(language: str) -> Iterator[tuple[str, str]]:
    """Give every text of the three catalogues in a language, without what is typed as it stands."""
    for english, entry in catalogue().items():
        yield from ((english, _TICKED.sub("", form)) for form in _forms(entry[language]).values())
    for words in (names(), PAGE):
        yield from ((name, _TICKED.sub("", entry[language])) for name, entry in words.items())


def test_french_keeps_its_signs_from_the_end_of_a_line_and_has_one_apostrophe() -> None:
    for where, text in _said_in("fr"):
        assert re.search(r"(?<=\S) [;:!?»]|(?<=\S)(?<![\s!?])[;!?»]|« |\w'\w", text) is None, (
            f"{where}: {text}"
        )


def test_arabic_has_its_own_punctuation_and_one_way_to_write_a_vowel_at_the_end() -> None:
    for where, text in _said_in("ar"):
        assert re.search(r"(?<=[\u0600-\u06ff])[,;?](?!\w)|\u064b\u0651?\u0627", text) is None, (
            f"{where}: {text}"
        )


@pytest.mark.parametrize("language", OTHERS)
def test_a_word_of_the_trade_is_the_same_wherever_it_is_said(language: str) -> None:
    for where, text in _said_in(language):
        for chosen_word, others in _ONE_WORD[language].items():
            assert re.search(others, text) is None, f"{where}: {text}, not {chosen_word}"


def test_a_sentence_is_said_in_all_its_parts() -> None:
    text = "! " + said("{came} came in", came=joined(", ", ["Anna", said("you")]))
    assert in_language(text, "fr") == "! entrée\u00a0: Anna, vous"
    assert in_language(text, "en") == "! Anna, you came in"


def test_a_name_in_an_arabic_sentence_stands_apart_and_so_does_what_is_typed() -> None:
    assert in_language(said("{author} has left", author="Anna"), "ar") == f"غادر {ISOLATE}Anna{END}"
    typed = in_language("This desk has no room yet; open one with `backchannel desk open-room`, or answer an invitation with"
                        " `backchannel desk join`.", "ar")  # fmt: skip
    assert f"{ISOLATE}`backchannel desk join`{END}" in typed


def test_an_example_in_an_arabic_sentence_is_shown_in_the_order_in_which_it_is_typed() -> None:
    arabic = [in_language(said(english), "ar") for english in catalogue() if "{" not in english]
    arabic += [words["ar"] for words in names().values()]
    examples = [
        (text, found.start(), found[0])
        for text in arabic
        for found in re.finditer(r"\d{4}-\d\d-\d\d(?: \d\d:\d\d)?|\d,\d-\d", text)
    ]
    assert len(examples) > 6
    for text, at, example in examples:
        assert text[:at].endswith(ISOLATE), text
        assert text[at + len(example) :].startswith(END) or "T" in text[at:], text


def test_what_is_copied_from_a_sentence_is_understood_with_the_marks_around_it() -> None:
    mark = fingerprint(bytes(32))
    shown = in_language(said("{key}", key=mark), "ar")
    assert shown == f"{ISOLATE}{mark}{END}"
    assert typed_fingerprint(shown) == bytes(32)
    with pytest.raises(Refused, match="cut off at its end"):  # and not that it is none
        parse_address(f"{ISOLATE}backchannel:1:{END}", 0)
    with pytest.raises(SystemExit) as ended:
        main([f"{ISOLATE}desk{END}", f"{ISOLATE}--help{END}"])
    assert ended.value.code == 0


def test_what_people_wrote_is_never_translated() -> None:
    assert in_language(said("{author} has left", author="nobody"), "fr") == "nobody a quitté la salle"
    assert in_language(said("{author} has left", author="{author}"), "fr") == "{author} a quitté la salle"


@pytest.mark.parametrize(
    ("days", "told"),
    [(1, "يوم واحد"), (2, "يومان"), (3, "3 أيام"), (11, "11 يوماً"), (100, "100 يوم"), (103, "103 أيام")],
)
def test_a_number_has_the_noun_that_arabic_wants(days: int, told: str) -> None:
    assert in_language(span(days * DAY), "ar") == told


def test_numbers_and_their_forms() -> None:
    assert [plural("fr", n) for n in (0, 1, 2)] == ["one", "one", "other"]
    assert [plural("en", n) for n in (0, 1, 2)] == ["other", "one", "other"]
    assert [plural("ar", n) for n in (0, 1, 2, 10, 11, 99, 100, 102, 111)] == [
        *("zero", "one", "two", "few", "many", "many", "other", "other", "many"),
    ]


def test_a_time_is_written_as_the_language_does() -> None:
    assert in_language(date(0), "fr").startswith("1 janv. 1970, ")
    assert "يناير 1970" in in_language(date(0), "ar")


def test_a_sentence_that_goes_on_loses_its_full_stop_in_any_language() -> None:
    whole = "No relay answers; try again later."
    assert not in_language(clause(said(whole)), "fr").endswith(".")
    assert in_language(clause(said(whole)), "fr") != whole.removesuffix(".")


def test_a_language_is_asked_for_by_option_then_by_variable_then_by_the_system() -> None:
    system = {"LANG": "fr_FR.UTF-8"}
    variable = {**system, "BACKCHANNEL_LANGUAGE": "en"}
    assert chosen(["desk", "status"], system) == ("fr", ["desk", "status"])
    assert chosen(["desk", "status"], variable) == ("en", ["desk", "status"])
    assert chosen(["desk", "status", "--language", "ar"], variable) == ("ar", ["desk", "status"])
    assert chosen(["--language=ar", "desk"], variable) == ("ar", ["desk"])
    assert chosen(["desk", "say", "--", "--language", "ar"], {}) == (
        "en",
        ["desk", "say", "--", "--language", "ar"],
    )
    assert chosen([], {"LANG": "de_DE.UTF-8"})[0] == "en"
    with pytest.raises(Refused, match="no language “de”"):
        chosen(["--language", "de"], {})


@pytest.mark.parametrize("language", OTHERS)
def test_a_refusal_and_the_help_are_in_the_language_that_was_chosen(
    language: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--language", language, "desk", "--desk", str(tmp_path), "status"]) == 2
    refused = (
        "There is no desk in {home}; make one with `backchannel desk new`, or name its folder with --desk."
    )
    assert capsys.readouterr().err.strip() == in_language(said(refused, home=str(tmp_path)), language)
    with pytest.raises(SystemExit):
        main(["desk", "invite", "--help", "--language", language])
    told = " ".join(capsys.readouterr().out.split())
    assert in_language("whom the guest speaks for", language) in told
    assert "whom the guest speaks for" not in told


@pytest.mark.parametrize(
    ("line", "french"),
    [
        (["desk", "invite"], "il manque ces arguments\u00a0: --side"),
        (["desk", "rooms", "--nothing"], "arguments inconnus\u00a0: --nothing"),
        (["desk", "invite", "--side"], "--side: un argument est attendu"),
        (["desk", "clock", "nowhere"], "choix impossible\u00a0: 'nowhere' (choisissez parmi "),
        (["desk", "show", "--last", "much"], " pas un nombre entier"),
    ],
)
def test_a_line_that_cannot_be_read_is_refused_in_the_language_that_was_chosen(
    line: list[str], french: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*line, "--language", "fr"])
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert french in told
    assert "\u00a0: erreur\u00a0: " in told


def _actions(tree: argparse.ArgumentParser) -> Iterator[tuple[argparse.ArgumentParser, argparse.Action]]:
    for action in tree._actions:
        yield tree, action
        if isinstance(action, argparse._SubParsersAction):
            for name, below in action.choices.items():
                if tree.prog != "backchannel" or name in sentences.TRANSLATED_GROUPS:
                    yield from _actions(below)


def test_whatever_a_parser_refuses_of_a_value_is_a_sentence_in_every_language() -> None:
    refused: dict[str, str] = {}
    for below, action in _actions(program()):
        given = ["", "much", "-", "1.5", "99999999999999999999"]
        for value in given if action.choices is None else ["no such choice"]:
            try:
                below._check_value(action, below._get_value(action, value))
            except argparse.ArgumentError as error:
                refused[sentence(error.message)] = f"{below.prog} {action.dest}"
    assert len(refused) > 40
    for text, where in refused.items():
        assert isinstance(text, Said), f"{where}: {text}"
        assert set(catalogue()[text.template]) == set(OTHERS), where


def test_what_the_pages_cannot_read_is_told_whole_in_the_readers_language() -> None:
    with pytest.raises(Refused) as refused:
        arguments(["show", "--last", "much"], {})
    assert " pas un nombre entier" in in_language(str(refused.value), "fr")


def test_an_english_sentence_keeps_its_full_stop_where_names_stand_apart() -> None:
    whole = said("Choose a file first.")
    assert in_language(whole, "en", isolated=True) == in_language(str(whole), "en", isolated=True) == whole
