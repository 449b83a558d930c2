"""Acts about soundings and packages: what everybody would accept, and nothing else of anybody's answers."""

import json
from base64 import b64encode
from collections.abc import Mapping

from backchannel.pages.forms import Act, Field, Form, Kind
from backchannel.pages.rows.fields import thing
from backchannel.pages.uploads import only

KINDS = ("all", "first", "drawn", "threshold")
_ASKED = Field("asked", Kind.LINES, "--with", more=True)
_BETTER = Field("better", Kind.CHECK, "--better", more=True)
_ABOUT = Field("about", option="--about", more=True)
_BY = Field("answers_by", Kind.TIME, "--by", default="7d")
_TERMS = (
    _BY,
    _ABOUT,
    _ASKED,
    Field("binding", Kind.CHECK, "--binding", more=True),
    Field("new_mandate", Kind.CHECK, "--new-mandate", more=True),
)


def wants(form: Form) -> Mapping[str, object]:
    """Write the answers that `package prefer` reads; a field `best.2` is of the third issue, `between.2.0` of its first option."""
    said: dict[str, dict[str, object]] = {}
    for name, title in form.items():
        field, _, place = name.partition(".")
        matters = int(form.get(f"matters.{place}") or 0)
        if field != "issue":
            continue
        options = {
            key.rpartition(".")[2]: text for key, text in form.items() if key.startswith(f"option.{place}.")
        }
        never = [text for number, text in options.items() if form.get(f"never.{place}.{number}")]
        if not matters and not never:
            continue
        best, worst = form.get(f"best.{place}", ""), form.get(f"worst.{place}", "")
        between = {
            text: int(form.get(f"between.{place}.{number}") or 3)
            for number, text in options.items()
            if text not in {best, worst}
        }
        said[title] = {"best": best, "worst": worst, "between": between, "matters": matters, "never": never}
    return {"words": json.dumps(said, ensure_ascii=False), "data": None}


_PRICES = (
    Field("price_from", option="--from", needed=True),
    Field("price_to", option="--to", needed=True),
    Field("price_step", option="--step", default="1"),
    Field("price_unit", option="--unit"),
    Field("price_end", Kind.CHOICE, "--as", ("buyer", "seller"), "price-end", needed=True),
    Field("own_price", option="--mine", needed=True),
    *_TERMS,
)


def finer(form: Form) -> Mapping[str, object]:
    """Write the answers that `package refine` reads; its fields are named as those of `wants`, and 0 leaves an answer as it is."""
    said: dict[str, dict[str, object]] = {}
    for name, title in form.items():
        field, _, place = name.partition(".")
        if field != "issue":
            continue
        options = {
            key.removeprefix("option."): text
            for key, text in form.items()
            if key.startswith(f"option.{place}.")
        }
        levels = {text: int(form.get(f"between.{at}") or 0) for at, text in options.items()}
        between = {text: level for text, level in levels.items() if level}
        said[title] = {"between": between, "matters": int(form.get(f"matters.{place}") or 0)}
    return {"words": json.dumps(said, ensure_ascii=False)}


_AGENDA = thing("agenda")

SOUNDINGS: Mapping[str, Act] = {
    "sound-feel": Act(
        ("sound", "feel"),
        (Field("feeler", Kind.AREA, needed=True), Field("own_no", Kind.CHECK, "--no"), *_TERMS),
    ),
    "sound-open": Act(
        ("sound", "open"),
        (
            Field("options", Kind.AREA, needed=True),
            Field("sounding_kind", Kind.CHOICE, "--kind", KINDS, "sounding", default="all"),
            Field("own_yes", option="--yes"),
            *_TERMS,
        ),
        given=("options",),
        compose=lambda form: {"words": form.get("options", "")},
        fixed=("-",),
    ),
    "sound-price": Act(("sound", "price"), _PRICES, final=True, before="sound price-why"),
    "sound-posted": Act(("sound", "posted"), _PRICES, final=True, before="sound posted-why"),
    "sound-answer": Act(
        ("sound", "answer"),
        (
            thing("sounding"),
            Field("marks", Kind.MARKS),
            Field("new_mandate", Kind.CHECK, "--new-mandate", more=True),
        ),
        final=True,
    ),
    "sound-answer-price": Act(
        ("sound", "answer"),
        (
            thing("priced"),
            Field("own_price", option="--mine", needed=True),
            Field("price_end", Kind.CHOICE, "--as", ("buyer", "seller"), "price-end", needed=True),
            Field("new_mandate", Kind.CHECK, "--new-mandate", more=True),
        ),
        final=True,
    ),
    "sound-again": Act(
        ("sound", "again"),
        (thing("repeatable"), Field("answers_by", Kind.TIME, "--by", default="7d")),
        final=True,
        before="sound consequence",
    ),
    "sound-stop": Act(("sound", "stop"), (thing("sounding"),), final=True),
    "package-propose": Act(
        ("package", "propose"),
        (
            Field("issues", Kind.LINES, "--issue", needed=True),
            Field("searchers", Kind.SIDES, "--with", more=True),
            Field("secret", Kind.CHECK, "--secret", more=True),
        ),
        compose=lambda _: {"data": None},
    ),
    "package-take": Act(
        ("package", "propose"),
        (
            Field("domain", Kind.FILE, needed=True),
            Field("searchers", Kind.SIDES, "--with", more=True),
            Field("secret", Kind.CHECK, "--secret", more=True),
        ),
        compose=lambda form: {"data": b64encode(only(form, "domain")).decode("ascii")},
        fixed=("--file=-",),
    ),
    "package-agree": Act(("package", "agree"), (_AGENDA,), final=True),
    "package-drop": Act(("package", "drop"), (_AGENDA,)),
    "package-prefer": Act(
        ("package", "prefer"),
        (_AGENDA, Field("wants", Kind.WANTS), Field("walk_away", option="--walk-away", default="0")),
        own=True,
        given=("wants",),
        compose=wants,
    ),
    "package-refine": Act(
        ("package", "refine"),
        (_AGENDA, Field("finer", Kind.FINER)),
        own=True,
        given=("finer",),
        compose=finer,
    ),
    "package-prefer-file": Act(
        ("package", "prefer"),
        (
            _AGENDA,
            Field("profile", Kind.FILE, needed=True),
            Field("walk_away", option="--walk-away", default="0"),
        ),
        own=True,
        compose=lambda form: {"words": "", "data": b64encode(only(form, "profile")).decode("ascii")},
        fixed=("--profile=-",),
    ),
    "package-explain": Act(
        ("package", "explain"), (_AGENDA, Field("chosen", Kind.LINES, "--choose", needed=True)), own=True
    ),
    "package-forget": Act(("package", "forget"), (_AGENDA,), own=True, final=True),
    "package-search": Act(
        ("package", "search"),
        (_AGENDA, Field("first_by", Kind.TIME, "--by", default="3d"), _BETTER),
        final=True,
    ),
    "package-accept": Act(("package", "accept"), (_AGENDA, _BETTER), final=True),
    "package-decline": Act(("package", "decline"), (_AGENDA, _BETTER)),
    "package-stop": Act(("package", "stop"), (_AGENDA, _BETTER), final=True),
}
