"""Forms shown, kept while they are typed, and done."""

import io
import json
import secrets
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from starlette.responses import PlainTextResponse, Response

from backchannel.desk.asking import Reply
from backchannel.desk.clock import clock
from backchannel.desk.commands.items import first_words
from backchannel.desk.drafts import readers_hash
from backchannel.errors import BackchannelError, Refused
from backchannel.languages import in_language
from backchannel.moves.paper import standing
from backchannel.pages import drafts, things, uploads, versions
from backchannel.pages.drafts import FormDraft
from backchannel.pages.forms import HIDDEN, MARKED, Act, Field, Form, Kind, blank, kept
from backchannel.pages.house import Value
from backchannel.pages.page import Asking, Page
from backchannel.pages.rows import ACTS
from backchannel.pages.things import Choice

MAX_FORM_BYTES = 8 << 20
UNRECORDED = frozenset({"invite"})  # acts in a room that leave nothing in its record
LEAVING = frozenset({"join", "forget"})  # acts after which there is no room, or not yet
MOST_ITEMS = 200  # that a form offers to choose from


async def act(asking: Asking) -> Page | Response:
    """The form of one act."""
    name, rid = asking.request.path_params["act"], asking.request.query_params.get("room", "")
    query = asking.request.query_params
    given = {key: value for key, value in query.items() if key in blank(ACTS[name])}
    if name == "seal-draft" and query.get("version"):
        given |= await versions.form(asking, rid, query["version"])
    ask = await asked(asking, name, rid, await _room(asking, ACTS[name], rid), given)
    return Page("act", {"ask": ask, "room": rid, "error": ""})


async def done(asking: Asking) -> Page | Response:
    """Do an act; what is refused is shown with the form as it was filled in."""
    name = asking.request.path_params["act"]
    act, form = ACTS[name], await _filled(asking)
    rid = form["room"] = _room_id(asking, form.get("room", ""))
    draft = FormDraft(kept(act, form), form.get("readers", ""), form.get("sheet", ""))
    try:
        if act.files:
            reply = await _do(asking, name, form, draft)  # asked twice, it is given twice
        else:
            reply = await asking.house.once(draft.sent, form, lambda: _do(asking, name, form, draft))
    except BackchannelError as error:
        with suppress(BackchannelError):
            drafts.keep(asking.house.desk, name, rid, replace(draft, sent=""))
        shown = await _room(asking, act, rid)
        ask = await asked(asking, name, rid, shown, uploads.shown_again(act, form))
        return Page("act", {"ask": ask, "room": rid, "error": str(error)}, 422)
    if act.files:
        return _saved(name, reply.files)
    if act.then:
        return asking.go(act.then)
    if name in {"say", "read"}:
        return asking.go(f"/rooms/{rid}#end")
    if name == "open-room":
        return asking.go(f"/rooms/{reply.value['room']}")
    where = "" if name in LEAVING else str(reply.value.get("room", rid))
    return Page("told", {"lines": _told(reply), "bad": False, "room": where, "value": dict(reply.value)})


def _told(reply: Reply) -> list[str]:
    """Give what a command said; a page shows an invitation's line and words larger than as lines, and says what follows."""
    lines = [line for line in reply.lines if not line.startswith("head ")]
    if "address" not in reply.value or "words" not in reply.value:
        return lines
    words = str(reply.value["words"])
    return lines[1 + next(place for place, line in enumerate(lines) if line.strip() == words) :]


async def keep(asking: Asking) -> Response:
    """Keep a form that is being typed, or say in one sentence why it is not kept."""
    name, form = asking.request.path_params["act"], await _filled(asking)
    if asking.house.is_sent(form.get("sheet", "")):
        return Response(status_code=204)  # typed before it was sent, and on its way for longer
    try:
        asking.house.stay()
        draft = FormDraft(kept(ACTS[name], form), form.get("readers", ""))
        drafts.keep(asking.house.desk, name, _room_id(asking, form.get("room", "")), draft)
    except BackchannelError as error:
        return PlainTextResponse(in_language(str(error), asking.words.language), 409)
    return Response(status_code=204)


async def asked(
    asking: Asking, name: str, rid: str, shown: Value, given: Form | None = None
) -> dict[str, Any]:
    """Give everything that the form of an act shows; `given` is what is filled in already."""
    act, rid = ACTS[name], _room_id(asking, rid)
    draft, came = await _left(asking, name, rid)
    readers = _readers(asking, rid) if act.room and not act.own and shown.get("state") == "open" else ""
    thing = marked(act)
    if thing and draft is not None and given and draft.form.get(thing) != given.get(thing):
        draft = None  # marks on the options of something else
    form = {**blank(act), **({} if draft is None else draft.form), **(given or {})}
    restored = draft is not None and not draft.form.keys() <= (given or {}).keys()
    fields = [await _field(asking, field, rid, shown, form) for field in act.fields]
    return {
        "act": name,
        "room_title": shown.get("title", ""),
        "fields": fields,
        "of": form.get(thing, "") if thing else "",
        "final": act.final,
        "own": act.own,
        "files": act.files,
        "uploads": any(field.kind in {Kind.FILE, Kind.FILES} for field in act.fields),
        "before": await _before(asking, act, rid, form),
        "sheet": secrets.token_urlsafe(8),
        "form": form,
        "unfolded": any(field.more and form.get(field.name, "") != field.default for field in act.fields),
        "drafted": restored,
        "came": came,
        "asked_again": draft is not None and any(field.kind in HIDDEN for field in act.fields),
        "moved": draft is not None and draft.readers not in {"", readers},
        "readers": readers,
        "audience": {key: shown[key] for key in ("audience", "readable") if key in shown},
    }


async def _left(asking: Asking, name: str, rid: str) -> tuple[FormDraft | None, str]:
    """Give a form as it was left, and what is known of its end if the desk ended while it was being done (spec pages 5.6)."""
    desk, act = asking.house.desk, ACTS[name]
    if (draft := drafts.kept(desk, name, rid)) is not None and draft.sent:
        await asking.house.ended(draft.sent)
        draft = drafts.kept(desk, name, rid)
    if draft is None or not draft.sent:
        return draft, ""
    if drafts.was_done(desk, draft.sent):
        return None, "done"
    return draft, "perhaps" if act.own or not act.room or name in UNRECORDED else "not-done"


async def _field(
    asking: Asking, field: Field, rid: str, shown: Value, form: dict[str, str]
) -> dict[str, Any]:
    """Give one field as a form shows it; `choices` are pairs of a value and its words, if the words are people's own."""
    value: dict[str, Any] = {
        "name": field.name, "kind": field.kind.value, "choices": list(field.choices), "family": field.family,
        "needed": field.needed, "more": field.more,
    }  # fmt: skip
    people = shown.get("people", [])
    items = (
        _items(asking, rid, form.get(field.name, "")) if rid and field.kind in {Kind.ITEM, Kind.THING} else []
    )
    match field.kind:
        case Kind.MEMBER:
            value["choices"] = [(one["name"], one["name"]) for one in people if not one["you"]]
            _only_one(field, form, value["choices"])
        case Kind.ITEM:
            value["choices"] = items
        case Kind.SIDE | Kind.SIDES | Kind.ALL_SIDES:
            own = [one["side"] for one in people if one["you"]]
            sides = dict.fromkeys(
                one["side"] for one in people if one["side"] and one["role"] != "go-between"
            )
            left_out = own if field.kind is Kind.SIDES else []
            value["choices"] = [(side, side) for side in sides if side not in left_out]
        case Kind.ROOM:
            rooms = (await asking.look("rooms"))["rooms"]
            value["choices"] = [(one["id"], one["title"]) for one in rooms]
        case Kind.THING | Kind.THINGS:
            found = await things.choices(asking.house, field.of, rid, asking.words)
            value["choices"] = [*found, *(items if field.of == "anything" else ())]
            _only_one(field, form, value["choices"])
        case Kind.MARKS:
            known = await things.listed(asking.house, things.SOURCES["sounding"][0], rid)
            meant = next((one for one in known if one["id"].startswith(form.get("sounding") or "?")), None)
            value["choices"] = [
                (str(number), option) for number, option in enumerate(meant["options"] if meant else (), 1)
            ]
        case Kind.TERMS | Kind.CLAUSES:
            value["choices"] = await _passages(asking, rid, form.get("sealed", ""), field.kind)
        case Kind.RECORDS:
            value["choices"] = await _records(asking, rid)
        case Kind.WANTS | Kind.FINER:
            value |= await _issues(asking, rid, form, field.kind)
        case _:
            pass
    return value


def _only_one(field: Field, form: dict[str, str], choices: Sequence[Choice]) -> None:
    """Choose what must be chosen where there is only one of it."""
    if field.needed and len(choices) == 1 and not form.get(field.name):
        form[field.name] = choices[0][0]


async def _passages(asking: Asking, rid: str, text: str, kind: Kind) -> list[tuple[str, str]]:
    """Give the closed terms of a text by their names, or its clauses by their numbers."""
    known = await things.listed(asking.house, things.SOURCES["sealed"][0], rid)
    meant = next((one for one in known if text and one["id"].startswith(text)), None)
    if meant is None:
        return []
    if kind is Kind.TERMS:
        return [(one["name"], things.brief(f"{one['name']}: {one['words']}")) for one in meant["closed"]]
    return [(str(number), things.brief(clause)) for number, clause in enumerate(meant["clauses"], 1)]


async def _records(asking: Asking, rid: str) -> list[tuple[str, str]]:
    """Give what is on record of each confirmed understanding, as `understanding record` writes it, and its subject."""
    known = await things.listed(asking.house, things.SOURCES["understanding"][0], rid)
    confirmed = [one["id"] for one in known if one["status"] == "confirmed"]
    words = ("understanding", "record", f"--room={rid}", "--no-sync", "--")
    found = [(await asking.house.do([*words, one], by_hand=False)).value for one in confirmed]
    return [(json.dumps(dict(one), ensure_ascii=False), str(one["subject"])) for one in found]


async def files(asking: Asking) -> Page | Response:
    """Give what lies beside a paper, to be saved."""
    rid, item = (asking.request.path_params[name] for name in ("room", "item"))
    words = ["attachments", "save", f"--room={rid}", "--no-sync", "--to=-", "--", item]
    return _saved("files", (await asking.house.do(words)).files)


async def _issues(asking: Asking, rid: str, form: dict[str, str], kind: Kind) -> dict[str, Any]:
    """Give what there is to ask about an agenda, each issue with what was answered before."""
    if not form.get("agenda"):
        return {"choices": [], "otherwise": False}
    words = ["package", "prefer", f"--room={rid}", "--no-sync", "--", form["agenda"]]
    command = "package questions" if kind is Kind.WANTS else "package told"
    try:
        known = (await asking.house.do(words, {"command": command}, by_hand=False)).value
    except Refused:
        if kind is Kind.WANTS:
            raise
        return {"choices": []}  # nothing was told in few answers, and the form says so
    if kind is Kind.WANTS and "issue.0" not in form:
        form["walk_away"] = str(known["walk_away"])  # nothing is filled in yet
    return {"choices": list(known["issues"]), "otherwise": known.get("otherwise", False)}


async def _before(asking: Asking, act: Act, rid: str, form: Form) -> str:
    """Say what an act would mean, where only the desk can know."""
    if not act.before:
        return ""
    if not any(field.kind is Kind.THING for field in act.fields):
        # it says the same whatever is filled in, so it can be said before anything is
        stand_in = {field.name: next(iter(field.choices), "1") for field in act.fields if field.needed}
        form = {**stand_in, **{name: value for name, value in form.items() if value.strip()}}
    try:
        return (await asking.house.do(_words(act, form, rid), {"command": act.before})).lines[0]
    except BackchannelError as error:
        missing = any(field.needed and not form.get(field.name, "").strip() for field in act.fields)
        return "" if missing else str(error)  # nobody is blamed for a form that is not filled in yet


async def _filled(asking: Asking) -> dict[str, str]:
    return await uploads.filled(await asking.request.form(max_part_size=MAX_FORM_BYTES))


async def _room(asking: Asking, act: Act, rid: str) -> Value:
    return await asking.look("room", f"--room={rid}") if act.room else {}


def _items(asking: Asking, rid: str, chosen: str) -> list[Choice]:
    """Give the items that a form offers with their first words, the newest first; what is chosen already is among them."""
    room = asking.house.desk.find_room(rid)
    items = list(reversed(standing(room.log, clock()))) if room.seated else []
    offered = [*items[:MOST_ITEMS], *(item for item in items[MOST_ITEMS:] if item.label[1:] == chosen)]
    return [
        (item.label[1:], f"{item.label} {room.name(item.entry.author)}: {first_words(item)}")
        for item in offered
    ]


def marked(act: Act) -> str:
    """Name the field that says whose options a form marks; empty where none are marked."""
    if not any(field.kind in MARKED for field in act.fields):
        return ""
    return next(field.name for field in act.fields if field.kind is Kind.THING)


def check_marks(act: Act, form: Form) -> None:
    """Raise Refused if what is marked was shown for something else than what is chosen now (spec pages 5.4)."""
    thing = marked(act)
    if thing and form.get("of", "") != form.get(thing, ""):
        raise Refused("These marks were for other options; look at those that are shown now, and mark them.")


async def _do(asking: Asking, name: str, form: Form, draft: FormDraft) -> Reply:
    """Do an act; its form is kept from before until after, so that a desk that ends meanwhile can say what came of it."""
    rid = form["room"]
    drafts.keep(asking.house.desk, name, rid, draft)
    reply = await _done(asking, ACTS[name], form, rid)
    with suppress(BackchannelError):  # locked meanwhile, or a full disk: what was done is done, and noted
        drafts.drop(asking.house.desk, name, rid)
    return reply


async def _done(asking: Asking, act: Act, form: Form, rid: str) -> Reply:
    if act.room and form.get("readers") and form["readers"] != _readers(asking, rid):
        raise Refused(
            "The readers are others than when you wrote this; look who reads it now, and send it again if it is for them."
        )
    check_marks(act, form)
    given = {**act.answers(form), "sheet": form.get("sheet", "")}
    if act.final:
        given["yes"] = True
    if act.spoken:
        given["languages"] = asking.words.languages
    if not act.made:
        return await asking.house.do(_words(act, form, rid), given)
    with TemporaryDirectory(dir=asking.house.home) as folder:
        place = Path(folder) / act.made
        reply = await asking.house.do(_words(replace(act, made=str(place)), form, rid), given)
        return replace(reply, files=[(act.made, place.read_bytes())])


def _words(act: Act, form: Form, rid: str) -> list[str]:
    words, at = act.words(form), len(act.command)
    return [*words[:at], *([f"--room={rid}"] if act.room else []), *words[at:]]


def _saved(name: str, files: Sequence[tuple[str, bytes]]) -> Response:
    """Give what a command would write: one file as it is, several in one archive."""
    title, data = files[0]
    if len(files) > 1:
        whole = io.BytesIO()
        with zipfile.ZipFile(whole, "w") as archive:
            for each, content in files:
                archive.writestr(each, content)
        title, data = f"{name}.zip", whole.getvalue()
    return uploads.saved(title, data)


def _room_id(asking: Asking, spoken: str) -> str:
    """Give the whole id of a room, so that a draft has one name however its room was named; empty for none."""
    return asking.house.desk.find_room(spoken).id.hex() if spoken else ""


def _readers(asking: Asking, rid: str) -> str:
    """Name everyone who could read what is said in a room now; empty while nobody could."""
    room = asking.house.desk.find_room(rid)
    return readers_hash(room) if room.seated else ""
