"""What a person without a terminal was given or remembers: a sealed text is checked, and words are found, on pages of the desk."""

import asyncio
import json
from pathlib import Path

from backchannel.crypto.seals import fingerprint
from backchannel.daylight.public_page import read_page
from backchannel.pages.house import House
from cli_stage import stage
from paged import Answer, Pages, opened
from sealed_texts import SIDES, long_term_keys, sealed

ALTERED = sealed().replace(b'"', b" ", 1)


def check(home: Path, *files: tuple[str, bytes], **form: str) -> Answer:
    """Give files to the page of a desk that is not there yet."""
    brought = [("files", name, data) for name, data in files]
    return asyncio.run(Pages(House(home)).bring("/check", form, brought))


def test_a_sealed_text_is_checked_before_there_is_a_desk_and_what_was_altered_is_told_from_it(
    tmp_path: Path,
) -> None:
    answer = check(tmp_path / "none", ("text.json", sealed()), ("other.json", ALTERED))
    text = "".join(answer.seen.text)
    assert (answer.status, text.count("every check held"), text.count("not accepted")) == (200, 1, 1)
    assert "signature holds" in text
    assert "NOT SEALED: " in text
    assert not (tmp_path / "none").exists(), "nothing of it is kept"


def test_whose_keys_they_are_is_typed_and_what_is_no_fingerprint_is_refused_with_what_was_typed(
    tmp_path: Path,
) -> None:
    typed = "\r\n".join(
        f"{side}={fingerprint(long_term_keys()[side].public.thumbprint)}" for side in long_term_keys()
    )
    told = "".join(check(tmp_path, ("text.json", sealed(anchored=False))).seen.text)
    assert "ownership not shown" in told
    mine, theirs = (fingerprint(key.public.thumbprint) for key in long_term_keys().values())
    another = check(tmp_path, ("text.json", sealed()), anchors=f"{SIDES[0]}={theirs}")
    assert "not accepted" in "".join(another.seen.text)
    assert "not accepted" not in "".join(
        check(tmp_path, ("t", sealed()), anchors=f"{SIDES[0]}={mine}").seen.text
    )
    assert check(tmp_path, ("text.json", sealed()), anchors=typed).status == 200
    for wrong in ({"anchors": "nobody"}, {"anchors": f"{SIDES[0]}=x"}):
        answer = check(tmp_path, ("text.json", sealed()), **wrong)
        assert answer.status == 422
        assert wrong["anchors"] in "".join(answer.seen.text)
    assert check(tmp_path).status == 422, "no file was chosen"


def test_sealed_texts_become_a_page_for_the_public_in_every_language_the_readers_first(
    tmp_path: Path,
) -> None:
    answer = check(tmp_path, ("text.json", sealed()), do="page")
    assert "attachment" in answer.headers["content-disposition"]
    page = read_page(answer.body)
    assert [json.loads(one) for one in page.files] == [json.loads(sealed())]
    assert list(page.languages) == ["en", "fr", "ar"]
    assert check(tmp_path, ("text.json", ALTERED), do="page").status == 422
    again = check(tmp_path, ("page.html", answer.body))
    assert "The page is as this program writes it" in "".join(again.seen.text)


def test_words_are_found_wherever_this_desk_has_them_and_stand_in_no_address(tmp_path: Path) -> None:
    with stage(tmp_path) as one:
        anna = one.person("anna")
        one.play("""
            anna> open-room --title 'Northern line' --side North
            anna> say -- The dam opens in May.
            anna> notebook write -- Ask about the dam.
            anna> impasse call -- Nobody speaks of the dams.
            anna> lock
        """)

        async def run() -> list[Answer]:
            async with opened(anna.home, anna.key) as pages:
                return [await pages.post(f"/search{view}", {"text": sought})
                        for view in ("", "?view=json") for sought in ("the dam", "no such words", "ab")]  # fmt: skip

        found, nothing, short, *as_json = asyncio.run(run())
    text = " ".join("".join(found.seen.text).split())
    assert "The dam opens in May." in text
    assert "Northern line" in text
    assert "Elsewhere on this desk" in text
    assert "events, data" not in text, "what was said is shown as its record shows it"
    assert "This desk holds nothing with these words." in "".join(nothing.seen.text)
    assert (short.status, nothing.status) == (422, 200)
    assert "Nobody speaks of the dams." in text
    stuck, item = json.loads(as_json[0].body)["said"]
    assert "label" not in stuck
    assert (item["label"], item["text"]) == ("#1", "The dam opens in May.")
    (form,) = [form for form in found.seen.forms if form.action.endswith("/search")]
    assert form.method == "post"
