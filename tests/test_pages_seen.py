"""Every page of a desk whose room is full, as its people see, reach and lose it: barriers, zoom, focus, two tabs, a killed desk."""

import re
import resource
from collections.abc import Iterator, Sequence
from itertools import cycle, islice, product

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from backchannel.languages import LANGUAGES
from backchannel.pages.rows import ACTS
from browsers import FLAGS, Desk, chromium
from cli_stage import Stage, stage
from conftest import DEEP, IN_CI
from rich_room import WANTS, furnish
from screens import every_page, speak

WHOLE = DEEP or IN_CI  # every page in every way; otherwise in one of them
WAYS = [*product(LANGUAGES, ("light", "dark"), (1280, 390))]


class Seen:
    """A desk in a browser, its full room, and the room in which nobody else is."""

    def __init__(self, one: Stage, desk: Desk, room: str) -> None:
        self.stage, self.desk, self.room = one, desk, room
        self.enter()
        found = re.findall(r"/rooms/([0-9a-f]{64})", desk.page.content())
        self.other = next(each for each in found if each != room)

    def enter(self) -> None:
        self.desk.open()
        self.desk.fill(passphrase=self.stage.people["helena"].key)
        self.desk.press("Open the desk")
        expect(self.desk.page.locator("#live")).to_be_visible()

    @property
    def page(self) -> Page:
        return self.desk.page

    def go(self, where: str) -> None:
        self.page.goto(f"{self.desk.desk_address}{where}")

    def pages(self) -> Sequence[str]:
        """Give every page that is there, whatever its name; what is refused has a page too."""
        return list(every_page(self.room, self.other).values())


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    folder = tmp_path_factory.mktemp("seen")
    with stage(folder) as one, sync_playwright() as play:
        path = chromium()
        room = furnish(one, folder)
        for person in one.people.values():
            person.lock()
        browser = play.chromium.launch(executable_path=path, args=FLAGS)
        helena = one.people["helena"]
        desk = Desk("helena", helena.home, browser.new_context(reduced_motion="reduce").new_page())
        try:
            yield Seen(one, desk, room)
        finally:
            desk.kill()
            browser.close()


@pytest.mark.timeout(1200)
def test_axe_finds_no_barrier_on_any_page_in_any_language_light_or_dark(seen: Seen) -> None:
    looked_at = [
        (where, way)
        for place, where in enumerate(seen.pages())
        for way in (WAYS if WHOLE else islice(cycle(WAYS), 5 * place, 5 * place + 1))
    ]
    found, spoken = [], "en"
    for where, (language, scheme, width) in sorted(looked_at, key=lambda one: one[1]):
        if language != spoken:
            speak(seen.desk, language)
            spoken = language
        seen.page.set_viewport_size({"width": width, "height": 860})
        seen.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        found += [f"{language} {scheme} {width} {one}" for one in seen.desk.barriers(where, refused=True)]
    seen.go("/")
    speak(seen.desk, "en")
    assert found == []


@pytest.mark.timeout(1200)
def test_axe_finds_no_barrier_on_the_form_of_any_act(seen: Seen) -> None:
    """Each in one of the ways; the page of forms is the same for all, and what they ask is not."""
    found, spoken = [], "en"
    ways = zip(sorted(ACTS), cycle(WAYS), strict=False)
    for name, (language, scheme, width) in sorted([*ways][:: 1 if WHOLE else 11], key=lambda one: one[1]):
        if language != spoken:
            speak(seen.desk, language)
            spoken = language
        seen.page.set_viewport_size({"width": width, "height": 860})
        seen.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        where = f"/act/{name}?room={seen.room}" if ACTS[name].room else f"/act/{name}"
        found += [f"{language} {scheme} {width} {one}" for one in seen.desk.barriers(where)]
    seen.go("/")
    speak(seen.desk, "en")
    assert found == []


OVERLAPS = """() => {
    const all = [...document.querySelectorAll("main :is(a, button, input, select, textarea, summary), header.top :is(a, button)")]
        .filter((one) => one.checkVisibility({contentVisibilityAuto: true}) && !one.closest(".skip") && one.type !== "hidden");
    const boxes = all.map((one) => [one, one.getBoundingClientRect()]).filter(([, box]) => box.width > 1 && box.height > 1);
    const clash = (a, b) => a.left < b.right - 2 && b.left < a.right - 2 && a.top < b.bottom - 2 && b.top < a.bottom - 2;
    const scrolls = (one) => one.closest(".log, .table, .say, .scroll");
    const found = [];
    for (const [place, [one, box]] of boxes.entries())
        for (const [other, its] of boxes.slice(place + 1))
            if (clash(box, its) && !one.contains(other) && !other.contains(one) && scrolls(one) === scrolls(other))
                found.push(`${one.outerHTML.slice(0, 80)} over ${other.outerHTML.slice(0, 80)}`);
    return found;
}"""


def test_at_twice_the_size_nothing_is_cut_off_and_nothing_lies_over_another(seen: Seen) -> None:
    """A window of 1280 at 200 % has 640 of its pixels; 390 is a telephone."""
    found = []
    for width in (640, 390):
        seen.page.set_viewport_size({"width": width, "height": 430})
        for where in seen.pages():
            seen.go(where)
            if seen.page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found.append(f"{where} at {width}: wider than the window")
            found += [f"{where} at {width}: {one}" for one in seen.page.evaluate(OVERLAPS)]
    assert found == []


UNSEEN = """() => {
    const reached = [...document.querySelectorAll("a, button, input, select, textarea, summary, [tabindex='0']")]
        .filter((one) => one.checkVisibility() && one.type !== "hidden" && !one.disabled);
    const unseen = [];
    for (const one of reached) {
        one.focus();
        const {outlineStyle, outlineWidth, outlineColor} = getComputedStyle(one);
        if (document.activeElement !== one || outlineStyle !== "solid" || parseFloat(outlineWidth) < 2 || /, 0\\)$/.test(outlineColor))
            unseen.push(one.outerHTML.slice(0, 120));
    }
    return [reached.length, unseen];
}"""


def test_wherever_the_keyboard_is_it_shows(seen: Seen) -> None:
    seen.page.set_viewport_size({"width": 1280, "height": 860})
    found, count = [], 0
    for where in seen.pages():
        seen.go(where)
        seen.page.keyboard.press("Tab")
        reached, unseen = seen.page.evaluate(UNSEEN)
        count += reached
        found += [f"{where}: {one}" for one in unseen]
    assert found == []
    assert count > 500


def test_two_tabs_of_one_desk_agree(seen: Seen) -> None:
    seen.page.set_viewport_size({"width": 1280, "height": 860})
    seen.go(f"/rooms/{seen.other}")
    second = seen.page.context.new_page()
    second.goto(seen.page.url)
    second.locator("[name=text]").fill("Said in the second tab.")
    with second.expect_response(re.compile("/draft/say")):
        second.locator("[name=text]").press("End")
        second.locator("[name=text]").type("!")
    seen.page.reload()
    expect(seen.page.locator("[name=text]")).to_have_value("Said in the second tab.!")
    second.get_by_role("button", name="Say it to").click()
    seen.page.bring_to_front()
    expect(seen.page.locator(".item .text", has_text="Said in the second tab.!")).to_be_visible(
        timeout=10_000
    )
    second.get_by_role("button", name="Lock the desk").click()
    expect(seen.page.get_by_role("button", name="Open the desk")).to_be_visible(timeout=10_000)
    second.close()
    seen.desk.fill(passphrase=seen.stage.people["helena"].key)
    seen.desk.press("Open the desk")
    expect(seen.page.locator("#live")).to_be_visible()


def test_what_the_reader_opened_stays_open_when_news_come(seen: Seen) -> None:
    seen.go(f"/rooms/{seen.room}")
    run = seen.page.locator("details.events").first
    run.locator("summary").click()
    receipts = seen.page.locator(".item details").first
    receipts.locator("summary").click()
    second = seen.page.context.new_page()
    second.goto(seen.page.url)
    second.locator("[name=text]").fill("Said while the other was reading.")
    second.get_by_role("button", name="Say it to").click()
    expect(seen.page.locator(".item .text", has_text="Said while the other was reading.")).to_be_visible(
        timeout=10_000
    )
    second.close()
    for one in (run, receipts):
        assert one.evaluate("(one) => one.open")
    assert seen.page.locator("details.events[open]").count() == 1, "and nothing else was opened"


def test_a_form_of_wants_brings_back_what_this_desk_was_told(seen: Seen) -> None:
    seen.go(f"/rooms/{seen.room}/packages")
    seen.page.get_by_role("link", name="Tell this desk what you want").click()
    for number, wanted in enumerate(WANTS.values()):
        for field in ("best", "worst", "matters"):
            expect(seen.page.locator(f"[name='{field}.{number}']")).to_have_value(str(wanted[field]))
        for option, level in wanted["between"].items():
            middle = seen.page.locator(".option", has_text=option).locator("select")
            expect(middle).to_have_value(str(level))
    expect(seen.page.locator("[name=walk_away]")).to_have_value("35")


def test_what_cannot_be_kept_is_said_with_the_reason_and_kept_as_soon_as_it_can(seen: Seen) -> None:
    seen.go(f"/rooms/{seen.other}")
    text, unkept = seen.page.locator("[name=text]"), seen.page.locator(".unkept")
    assert seen.desk.process is not None
    resource.prlimit(
        seen.desk.process.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY)
    )  # a full disk
    text.fill("Not on this disk.")
    expect(unkept).to_contain_text("The disk does not take any more")
    with seen.page.expect_request(re.compile("/draft/say$")) as tried:
        seen.desk.press("Say it to")
    answer = tried.value.response()
    assert answer is not None
    assert not answer.ok, "it was not kept, so it was not sent"
    expect(text).to_have_value("Not on this disk.")
    resource.prlimit(
        seen.desk.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    )
    expect(unkept).to_be_hidden(timeout=10_000)

    second = seen.page.context.new_page()
    second.goto(f"{seen.desk.desk_address}/")
    seen.page.bring_to_front()
    seen.page.route("**/draft/*", lambda route: route.abort())
    text.press("End")
    text.press_sequentially(" And more.")
    expect(unkept).to_be_visible()
    second.get_by_role("button", name="Lock the desk").click()
    expect(second.get_by_role("button", name="Open the desk")).to_be_visible()
    seen.page.unroute("**/draft/*")
    expect(unkept).to_contain_text("The desk is locked", timeout=10_000)
    expect(text).to_have_value("Not on this disk. And more.")
    second.locator("[name=passphrase]").fill(seen.stage.people["helena"].key)
    second.get_by_role("button", name="Open the desk").click()
    expect(second.locator("#live")).to_be_visible()
    second.close()
    expect(unkept).to_be_hidden(timeout=10_000)
    expect(text).to_have_value("Not on this disk. And more.")


# What the script of a page does while somebody types, for every form at once: each is fetched, filled in field by field, and kept.
FILL = """async (addresses) => {
    const page = async (where) => new DOMParser().parseFromString(await (await fetch(where)).text(), "text/html");
    const written = {};
    const fill = async (where) => {
        const form = (await page(where)).querySelector("form[data-draft]");
        for (const one of form.querySelectorAll("select")) one.value = [...one.options].at(-1).value;
        const lasts = new Map([...form.querySelectorAll("[type=checkbox]")].map((one) => [one.name, one]));
        for (const one of lasts.values()) one.checked = !one.checked;
        for (const one of form.querySelectorAll("input:not([type]), [type=password], textarea")) one.value = `half a ${one.name}`;
        for (const one of form.querySelectorAll("[type=datetime-local]")) one.value = "2026-12-24T18:00";
        const all = new FormData(form);
        const kept = await fetch(form.getAttribute("data-draft"), {method: "POST", body: new URLSearchParams(all)});
        if (kept.status !== 204) throw new Error(`${where}: ${await kept.text()}`);
        const hidden = new Set([...form.querySelectorAll(".ask-secret [name], [type=password], [type=file], [type=hidden]")].map((one) => one.name));
        written[where] = [...all].filter(([name]) => !hidden.has(name)).map(([name, value]) => [name, String(value)]);
    };
    for (let turn = 0; turn < 2; turn += 1)  // what is marked or asked in detail is shown once something is chosen
        for (let at = 0; at < addresses.length; at += 4) await Promise.all(addresses.slice(at, at + 4).map(fill));
    return written;
}"""
READ = """async (addresses) => {
    const found = {};
    const read = async (where) => {
        const page = new DOMParser().parseFromString(await (await fetch(where)).text(), "text/html");
        const form = page.querySelector("form[data-draft]");
        const secret = [...form.querySelectorAll(".ask-secret [name], [type=password], [type=file]")];
        const fields = [...new FormData(form)].filter(([, value]) => typeof value === "string");
        found[where] = [fields, secret.map((one) => one.value), form.textContent];
    };
    for (let at = 0; at < addresses.length; at += 4) await Promise.all(addresses.slice(at, at + 4).map(read));
    return found;
}"""
TYPED = (
    "note",
    "seal-draft",
    "words",
)  # by keys and clicks too: lines and areas; a moment and ticks; a choice and a secret


def fall(seen: Seen) -> None:
    """Have the desk end at once: its page says so, and no error page takes the words away."""
    seen.go(f"/rooms/{seen.room}")
    text = seen.page.locator("[name=text]")
    with seen.page.expect_response(re.compile("/draft/say$")):
        text.fill("half a say")
    seen.desk.kill()
    text.fill("half a say, and more")
    seen.desk.press("Say it to")
    seen.desk.sees("What you type here is not being kept")
    seen.desk.sees("This desk does not answer any more")
    seen.desk.press("Say it to")
    expect(text).to_have_value("half a say, and more")


def type_in(seen: Seen, name: str) -> None:
    """Fill in a form as a person does, until its page has it kept."""
    kept: list[str | None] = []
    seen.go(f"/act/{name}?room={seen.room}")
    seen.page.on("response", lambda answer: kept.append(answer.request.post_data))
    for field in seen.page.locator("form.act [name]:visible").all():
        match field.get_attribute("type") or field.evaluate("one => one.tagName"):
            case "checkbox":
                field.set_checked(not field.is_checked())
            case "datetime-local":
                field.fill("2026-12-24T18:00")
            case "SELECT":
                field.select_option(index=1)
            case _:
                field.fill("")
                field.press_sequentially(f"typed {name}")
    whole = seen.page.evaluate(
        "String(new URLSearchParams(new FormData(document.querySelector('form.act'))))"
    )
    for _ in range(200):
        if whole in kept:
            return
        seen.page.wait_for_timeout(50)
    raise AssertionError(f"what was typed into {name} is not kept")


def shown(seen: Seen, name: str) -> list[list[str]]:
    """Give what the fields of a form hold that may be kept."""
    fields = ".act [name]:visible:not(.ask-secret *)"
    seen.go(f"/act/{name}?room={seen.room}")
    found: list[list[str]] = seen.page.locator(fields).evaluate_all(
        "all => all.map((one) => [one.name, one.value, one.checked])"
    )
    return found


def test_a_desk_killed_amid_any_form_has_its_draft_again_for_the_same_readers(seen: Seen) -> None:
    base = seen.desk.desk_address
    forms = {
        f"/act/{name}?room={seen.room}" if act.room else f"/act/{name}": name
        for name, act in ACTS.items()
        if act.fields
    }
    seen.go("/")
    written = seen.page.evaluate(FILL, [f"{base}{where}" for where in forms])
    written = {where.removeprefix(base): fields for where, fields in written.items()}
    typed = {}
    for name in TYPED:
        type_in(seen, name)
        typed[name] = shown(seen, name)
        del written[f"/act/{name}?room={seen.room}"]
    written[f"/act/say?room={seen.room}"] = []
    fall(seen)
    seen.enter()

    def check(*, moved: bool) -> None:
        base = seen.desk.desk_address
        found = seen.page.evaluate(READ, [f"{base}{where}" for where in forms])
        for where, name in forms.items():
            fields, secrets, words = found[f"{base}{where}"]
            lost = [one for one in written.get(where, []) if one not in fields]
            # who left cannot be chosen any more; what was written stays
            assert [one for one in lost if not moved or one[1].startswith("half a")] == [], name
            assert not any(secrets), name
            assert bool(secrets) == ("are never kept" in words), name
            assert ("You wrote this for other readers" in words) == (
                moved and ACTS[name].room and not ACTS[name].own
            ), name
        for name, before in typed.items() if not moved else ():
            assert shown(seen, name) == before, name

    check(moved=False)
    assert ["text", "half a say"] in seen.page.evaluate(
        READ, [f"{seen.desk.desk_address}/act/say?room={seen.room}"]
    ).popitem()[1][0]
    karim = seen.stage.people["karim"]
    karim.unlock()
    seen.stage.play('karim~ leave --yes --room "The lower lake"')
    karim.lock()
    seen.go(f"/rooms/{seen.room}")
    expect(seen.page.locator(".basis li")).to_have_count(2, timeout=20_000)
    check(moved=True)
