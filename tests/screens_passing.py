"""What a desk says for a moment: after an act, when a form is refused, before it locks itself, covered, ended."""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatch

from browsers import Desk

LOCKING = "dispatchEvent(new CustomEvent('locking', {detail: {data: '42'}}))"
ENDED = "dispatchEvent(new CustomEvent('htmx:sse:error'))"


def wanted(name: str, only: Sequence[str]) -> bool:
    """Tell whether a picture was asked for."""
    return not only or any(fnmatch(name, one) for one in only)


def passing(desk: Desk, room: str, only: Sequence[str]) -> Iterator[str]:
    """Bring a desk's page into one passing state after the other, and name each."""
    states = {
        "told-invite": _invited,
        "told-words": _words,
        "form-refused": _refused,
        "form-drafted": _drafted,
        "locking": _locking,
        "ended": _ended,
        "covered-today": _covered,
    }
    for name, bring_about in states.items():
        if wanted(name, only):
            bring_about(desk, room)
            yield name
    if wanted("covered-room", only):
        _covered(desk, room)
        desk.page.goto(f"{desk.desk_address}/rooms/{room}")
        yield "covered-room"
    if desk.page.locator("#peek").count():
        desk.page.locator("form[action$='/settings/cover'] button").first.click()


def _form(desk: Desk, room: str, act: str, **fields: str) -> None:
    desk.page.goto(f"{desk.desk_address}/act/{act}?room={room}")
    desk.page.evaluate("document.querySelectorAll('form.act details').forEach((one) => { one.open = true; })")
    for name, value in fields.items():
        field = desk.page.locator(f"form.act [name={name}]")
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


def _send(desk: Desk) -> None:
    desk.page.locator("form.act button.do").click()
    desk.page.wait_for_load_state()


def _invited(desk: Desk, room: str) -> None:
    _form(desk, room, "invite", guest="Selma", side="Ostra")
    _send(desk)
    desk.page.locator("dd.spoken").wait_for()


def _words(desk: Desk, room: str) -> None:
    _form(desk, room, "words", who="Karim")
    _send(desk)


def _refused(desk: Desk, room: str) -> None:
    _form(desk, room, "say", text="The harbour master would rather speak on Thursday.", expires="on Thursday")
    _send(desk)
    desk.page.locator("main [role=alert]:visible").first.wait_for()


def _drafted(desk: Desk, room: str) -> None:
    with desk.page.expect_response(lambda answer: "/draft/" in answer.url):
        _form(desk, room, "impasse-call", stuck="Nobody answers for the lower sluices.")
    desk.page.goto(f"{desk.desk_address}/act/impasse-call?room={room}")


def _locking(desk: Desk, _room: str) -> None:
    desk.page.goto(f"{desk.desk_address}/")
    desk.page.evaluate(LOCKING)


def _ended(desk: Desk, room: str) -> None:
    desk.page.goto(f"{desk.desk_address}/rooms/{room}/pledges")
    desk.page.evaluate(ENDED)


def _covered(desk: Desk, _room: str) -> None:
    if not desk.page.locator("#peek").count():
        desk.page.goto(f"{desk.desk_address}/settings")
        desk.page.locator("form[action$='/settings/cover'] button").first.click()
    desk.page.goto(f"{desk.desk_address}/")
