"""Acts about texts that are sealed, and about what of them becomes public."""

import json
from collections.abc import Mapping

from backchannel.desk.promise_parser import LAPSES
from backchannel.errors import Refused
from backchannel.pages.forms import Act, Field, Form, Kind
from backchannel.pages.rows.fields import BEYOND, thing
from backchannel.pages.uploads import urlsafe

_EARLIER = {
    "amends": "amends",
    "performs": "performance_of",
}  # fields that name a text, and what the file calls them


def paragraphs(text: str) -> list[str]:
    """Take a text apart where lines are blank."""
    parts = text.replace("\r\n", "\n").split("\n\n")
    return [part.strip("\n ") for part in parts if part.strip()]


def draft_file(form: Form) -> Mapping[str, object]:
    """Write the file that `seal draft` reads: clauses apart by blank lines, closed terms each as `name: words`."""
    terms = {}
    for part in paragraphs(form.get("terms", "")):
        name, colon, words = part.partition(":")
        if not colon or not words.strip():
            raise Refused(
                "A closed term is written as a name, a colon and its words; look at the closed terms again."
            )
        terms[name.strip()] = words.strip()
    said = {
        "title": form.get("text_title", "").strip(),
        "dated": f"{form.get('dated', '').strip()[:16]}:00Z",
        "sides": form.get("sealers", "").splitlines(),
        "clauses": paragraphs(form.get("clauses", "")),
        "terms": terms,
        "lapse": form.get("lapse") or "election",
    }
    if form.get("text_kind"):
        said["kind"] = form["text_kind"]
    said |= {name: [form[field]] for field, name in _EARLIER.items() if form.get(field)}
    if order := [line.strip() for line in form.get("order", "").splitlines() if line.strip()]:
        said["order"] = order
    if records := [json.loads(line) for line in form.get("spoken", "").splitlines() if line.strip()]:
        said["understandings"] = {f"spoken-{place}": one for place, one in enumerate(records, 1)}
    return {"words": json.dumps(said, ensure_ascii=False)}


def _proposal(form: Form) -> Mapping[str, object]:
    return {"narrative_words": form.get("together", "").replace("\r\n", "\n").strip() or None}


TEXT_KINDS = ("agreement", "report")
_PROPOSAL = thing("proposal")
_OPENED = Field("opened", Kind.TERMS, "--open", more=True)

TEXTS: Mapping[str, Act] = {
    "seal-draft": Act(
        ("seal", "draft"),
        (
            Field("text_title", needed=True),
            Field("dated", Kind.MOMENT, needed=True),
            Field("sealers", Kind.ALL_SIDES, needed=True),
            Field("clauses", Kind.AREA, needed=True),
            Field("terms", Kind.AREA),
            Field("spoken", Kind.RECORDS, more=True),
            Field(
                "text_kind",
                Kind.CHOICE,
                choices=TEXT_KINDS,
                family="text-kind",
                default="agreement",
                more=True,
            ),
            Field("lapse", Kind.CHOICE, choices=LAPSES, family="lapse", default="election", more=True),
            Field("amends", Kind.THING, more=True, of="text"),
            Field("performs", Kind.THING, more=True, of="text"),
            Field("order", Kind.LINES, more=True),
        ),
        given=(
            "text_title",
            "dated",
            "sealers",
            "clauses",
            "terms",
            "spoken",
            "text_kind",
            "lapse",
            *_EARLIER,
            "order",
        ),
        compose=draft_file,
        fixed=("-",),
    ),
    "seal-key": Act(("seal", "key"), (thing("draft"),)),
    "seal-freeze": Act(("seal", "freeze"), (thing("draft"),), final=True),
    "seal-agree": Act(("seal", "agree"), (thing("sealed"),), final=True),
    "seal-go": Act(("seal", "go"), (thing("sealed"),)),
    "seal-anchor": Act(("seal", "anchor"), (thing("sealed"),), final=True, before="seal consequence"),
    "seal-save": Act(("seal", "save"), (thing("sealed"), _OPENED), own=True, files=True, fixed=("--to=-",)),
    "seal-stamp-ask": Act(
        ("seal", "stamp"),
        (thing("sealed"),),
        own=True,
        files=True,
        fixed=("--request=-",),
        compose=lambda _: {"data": None},
    ),
    "seal-stamp-take": Act(
        ("seal", "stamp"),
        (thing("sealed"), Field("stamp_answer", Kind.FILE, needed=True)),
        own=True,
        fixed=("--response=-",),
        compose=lambda form: {"data": urlsafe(form, "stamp_answer")},
    ),
    "seal-known-as": Act(("seal", "known-as"), own=True),
    "surface-line": Act(
        ("surface", "line"),
        (thing("sealed"), Field("public_words", Kind.AREA, needed=True)),
        given=("public_words",),
        compose=lambda form: {"words": form.get("public_words", "").replace("\r\n", "\n").strip()},
        fixed=("--text-file=-",),
    ),
    "surface-propose": Act(
        ("surface", "propose"),
        (
            thing("sealed"),
            Field("public", option="--audience", needed=True),
            Field("not_before", Kind.TIME, "--at"),
            _OPENED,
            Field("left_out", Kind.CLAUSES, "--leave-out", more=True),
            Field("together", Kind.AREA),
        ),
        given=("together",),
        compose=_proposal,
    ),
    "surface-agree": Act(("surface", "agree"), (_PROPOSAL, BEYOND), final=True),
    "surface-retract": Act(("surface", "retract"), (_PROPOSAL,)),
    "surface-statement": Act(("surface", "statement"), (_PROPOSAL,)),
    "surface-publish": Act(
        ("surface", "publish"),
        (_PROPOSAL,),
        own=True,
        files=True,
        fixed=("--to=-",),
        spoken=True,
    ),
}
