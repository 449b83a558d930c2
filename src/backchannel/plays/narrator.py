"""Tells a play to somebody who knows no computing: what happens, and what the desks show of it, as it happens."""

from collections.abc import Iterable

from backchannel.moves.paper import Mandate
from backchannel.plays import scenes
from backchannel.plays.case import Carry, Case, Kind, Person, PersonId, Register, Row
from backchannel.plays.narrator_daylight import tell_daylight
from backchannel.plays.outcome import Outcome
from backchannel.plays.page import Print, Sheet, dated, names, paragraph, quoted, short
from backchannel.plays.relay_saw import seen
from backchannel.plays.seat import Seat
from backchannel.plays.stage import Stage
from backchannel.plays.tables import Table

REGISTERS = {
    Register.TALK: "talk, which binds nobody",
    Register.NON_PAPER: "a non-paper: a text without an author, to think with",
    Register.CONDITIONAL: "conditional: the one part only with the other",
    Register.FORMAL: "formal, with full weight",
    Register.ORAL: "by word of mouth, and gone within the hour",
}
MANDATES = {
    Mandate.AUTHORISED: "with authority",
    Mandate.EXPLORATORY: "only exploring",
    Mandate.NOT_STATED: "authority not stated",
}
CARRIES = {
    None: "in the carrier's words",
    Carry.VERBATIM: "word for word, as the carrier says",
    Carry.PARAPHRASE: "in the carrier's words",
    Carry.OWN_WORDS: "as the carrier's own thought",
    Carry.NOT_STATED: "in the carrier's words",
}
ADDRESS_SHOWN = 60


class Narrator:
    """Prints scene after scene; looks at desks in between, as their owners could."""

    def __init__(self, case: Case, show: Print) -> None:
        self.case = case
        self.sheet = Sheet(show)
        self.stage: Stage | None = None

    def begin(self) -> None:
        line = "━" * 76
        self.sheet.lines(["", f"  {line}", *paragraph(self.case.title), f"  {line}", ""])
        self.sheet.lines(paragraph(self.case.summary))
        self.sheet.lines(
            [
                "",
                *paragraph(
                    "What follows is played, not shown on slides: every person has a desk of their own in this"
                    " computer, locked with a passphrase of its own, and all desks talk through a relay, a letter box"
                    " that takes sealed envelopes and gives them out again. What is said is a summary of the published"
                    " record in our words, at its true date."
                ),
            ]
        )

    def tell(self, scene: scenes.Scene) -> None:
        match scene:
            case scenes.Opened():
                self._opened(scene)
            case scenes.Came():
                self._came(scene)
            case scenes.Said():
                self._said(scene)
            case scenes.Noted(row, titles):
                self._noted(row, titles)
            case scenes.Away():
                self._away(scene)
            case scenes.TakenBack():
                self._taken_back(scene)
            case scenes.Sealed() | scenes.Surfaced() | scenes.Opening() | scenes.WhatIf():
                tell_daylight(self.sheet, self._stage, scene)
            case scenes.Setting() | scenes.Set() | scenes.Closed() | scenes.Skipped() | scenes.Refusal():
                self._in_passing(scene)
            case scenes.Linked() | scenes.Wound() | scenes.Sounded():
                self._kept_to_oneself(scene)
            case _:
                self._without_paper(scene)

    def _kept_to_oneself(self, scene: scenes.Linked | scenes.Wound | scenes.Sounded) -> None:
        match scene:
            case scenes.Sounded():
                self._sounded(scene)
            case scenes.Linked(_, person) if self.sheet.first("linked"):
                self.sheet.head("Two channels side by side")
                self.sheet.say(
                    f"{short(person)} hears the other side in more than one place, and not the same. On this desk alone, the two are laid"
                    " side by side; nobody else learns of it:",
                    "",
                )
                self.sheet.screen(self._stage.seats[person.id].lines("desk", "link", "show"))
            case scenes.Wound(row, people, several) if several and self.sheet.first("clocks"):
                self.sheet.head("Time, and on whom it presses")
                self.sheet.say(
                    f"It is {dated(row)}. A side's deadlines are nobody else's business, so each keeps its own:",
                )
                for person in people[:2]:
                    self.sheet.say("", f"the desk of {short(person)}:", "")
                    self.sheet.screen(self._stage.seats[person.id].lines("desk", "clock", "show"))
            case _:
                pass

    def _in_passing(
        self, scene: scenes.Setting | scenes.Set | scenes.Closed | scenes.Skipped | scenes.Refusal
    ) -> None:
        match scene:
            case scenes.Setting(desks):
                self.sheet.say(
                    "",
                    f"Making {desks} desks. Each takes a moment: a thief who guesses passphrases must wait just as"
                    " long for every guess.",
                )
            case scenes.Set(stage):
                self.stage = stage
                self.sheet.say("The desks are made and the relay runs.")
            case scenes.Closed(title):
                self.sheet.say("", f"“{title}” is closed: its people leave it.")
            case scenes.Refusal(row, reason):
                self.sheet.say("", f"{dated(row)}: a desk refused. {reason}")
            case scenes.Skipped(row, reason):
                self.sheet.say("", f"{dated(row)}: left out, as {reason}.")

    # -- scenes -------------------------------------------------------------------------------------------

    def _opened(self, scene: scenes.Opened) -> None:
        if self.sheet.first("approach"):
            self.sheet.head("The first approach")
        self.sheet.say("", f"{short(scene.founder)} opens a room, “{scene.title}”, and sits in it alone.")

    def _came(self, scene: scenes.Came) -> None:
        host, guest = short(scene.host), short(scene.guest)
        words = " · ".join(scene.words.split())
        yes = names(scene.voices)
        if not self.sheet.first("words"):
            self.sheet.say(f"{guest} comes in with three words ({words}); yes from {yes}.")
            return
        self.sheet.say(
            f"{host} invites {guest}. Their desks have never met and nobody vouches for either. The invitation"
            " is one line, which may be sent by any messenger:"
        )
        self.sheet.lines(["", f"      {scene.address[:ADDRESS_SHOWN]}…", ""])
        self.sheet.say("and three words, which go by another path, by mouth or by telephone:")
        self.sheet.lines(["", f"      {words}", ""])
        self.sheet.say(
            f"{guest} types the words. Whoever has only the line must guess them, has one try among a thousand million,"
            " and both sides see that somebody tried. From the words the two desks make a secret that nobody who"
            " listened can make."
        )
        self.sheet.say(
            "",
            f"Still {guest} can read nothing. To let somebody in takes a yes from every side that is in the room, and every desk"
            f" sees who asks. Yes from {yes}. Now they are two, and nobody else can come in unseen.",
        )

    def _said(self, scene: scenes.Said) -> None:
        row = scene.row
        assert row.said is not None, "a private row"
        manner = f"{REGISTERS[row.said.register]}; {MANDATES[row.said.mandate]}"
        self.sheet.lines(["", f"  {dated(row)}"])
        self.sheet.say(f"{short(scene.speaker)} to {names(scene.hearers)} ({manner}):")
        if scene.author is not None:
            self.sheet.say(f"[brought in the name of {short(scene.author)}, {CARRIES[row.said.carry]}]")
        self.sheet.lines(quoted(row.gist))
        self._look_from_outside(scene)
        if (
            scene.author is not None
            and row.said.mandate is Mandate.EXPLORATORY
            and self.sheet.first("carried")
        ):
            seat = self._stage.seats[scene.speaker.id]
            self.sheet.say("So it stands on the record, for everyone who has it:", "")
            self.sheet.screen(
                seat.lines("desk", "show", "--room", scene.title, scene.label.removeprefix("#"))
            )

    def _sounded(self, scene: scenes.Sounded) -> None:
        if self.sheet.first("sounded"):
            self.sheet.head("Asked so that a no stays hidden")
            self.sheet.say(
                "Who could live with what? Each tells only the own desk. The desks then work out together what everybody could live with,"
                " and nothing else: of a no, nobody learns whose it was.",
            )
        count = "one option" if scene.options == 1 else f"{scene.options} options"
        self.sheet.say("", f"{dated(scene.row)}: {names(scene.people)} are asked about {count}.")
        if not scene.joint:
            self.sheet.say("No joint yes. That is all that any of these desks shows.")
        for each in scene.joint:
            self.sheet.say(f"All of them could live with: {each}")

    def _noted(self, row: Row, titles: tuple[str, ...]) -> None:
        lead = "leaked" if row.kind is Kind.LEAK else "in public"
        where = f" ({row.via})" if row.via else ""
        self.sheet.lines(["", *paragraph(f"{dated(row)}, {lead}{where}"), *quoted(row.gist)])
        rooms = "one room takes" if len(titles) == 1 else f"{len(titles)} rooms take"
        self.sheet.say(f"{rooms.capitalize()} note of it.")

    def _away(self, scene: scenes.Away) -> None:
        who = names(scene.people)
        if not scene.back:
            if self.sheet.first("away"):
                self.sheet.head("Letters that cross")
            self.sheet.say(f"{who} is away from the line: what is sent there waits, sealed, in the relay.")
            return
        self.sheet.say(
            "", f"{who} is on the line again; what waited comes in, and what was written goes out."
        )
        self._show_crossing(scene.people[0])

    def _taken_back(self, scene: scenes.TakenBack) -> None:
        self.sheet.head(f"A text shown, and {'handed' if scene.handed else 'taken'} back")
        self.sheet.say(
            f"{short(scene.by)} {'hands' if scene.handed else 'takes'} back the text of {dated(scene.row)}."
        )
        other = self._other_desk(scene.row, scene.by.id)
        if other is None:
            return
        room = self._room_of_row(scene.row)
        self.sheet.say(
            f"This is the place where it stood, on the desk of {short(self.case.people[other])}:", ""
        )
        seat = self._stage.seats[other]
        stub = next(
            item
            for item in seat.do("show", "--room", room)["items"]
            if item["at_ms"] == scene.row.at_ms and item["text"] is None
        )
        self.sheet.screen(seat.lines("desk", "show", "--room", room, str(stub["id"])))
        self.sheet.say("And a search for its words, through everything that desk holds:", "")
        self.sheet.screen(self._search(seat, _first_words(scene.row.gist)))
        self.sheet.say(
            "",
            "That a text was shown, by whom and when, remains. Its words are gone from both desks, as long as they run this"
            " software unchanged: nobody can unsee what was read.",
        )

    def _without_paper(
        self,
        scene: scenes.Spoken
        | scenes.Confirmed
        | scenes.Pledged
        | scenes.Done
        | scenes.Lodged
        | scenes.Released,
    ) -> None:
        match scene:
            case scenes.Spoken(row, _, speaker, hearers, subject):
                self.sheet.lines(["", f"  {dated(row)}"])
                self.sheet.say(f"{short(speaker)} to {names(hearers)}, by word of mouth:")
                self.sheet.lines(quoted(row.gist))
                self.sheet.say(
                    f"Of this no desk keeps a word. What stands there: that something was said about “{subject}”,"
                    " between whom and when."
                )
            case scenes.Confirmed(row, _, by):
                self.sheet.say(
                    "", f"{names(by)} confirms what was said on {dated(row)}; that, and when, is on record."
                )
            case scenes.Pledged(row, _, speaker, hearers):
                self.sheet.lines(["", f"  {dated(row)}"])
                self.sheet.say(f"{short(speaker)} pledges to {names(hearers)}:")
                self.sheet.lines(quoted(row.gist))
            case scenes.Done(row, title, by, readers):
                if row.said is not None:
                    self.sheet.lines(["", f"  {dated(row)}"])
                    self.sheet.say(f"{short(by)} tells what was done:")
                    self.sheet.lines(quoted(row.gist))
                if readers:
                    self.sheet.say(
                        f"In “{title}” {short(by)} puts it down as done, and {names(readers)} reads it as what was promised: kept."
                    )
            case scenes.Lodged(row, _, lodger, holder):
                self.sheet.lines(["", f"  {dated(row)}"])
                self.sheet.say(
                    f"{short(lodger)} lodges a text with {short(holder)}, to be used only on a signal:"
                )
                self.sheet.lines(quoted(row.gist))
            case scenes.Released(row, holder):
                self.sheet.say(
                    "", f"The signal is given, and {short(holder)} takes up the text of {dated(row)}."
                )

    # -- looks --------------------------------------------------------------------------------------------

    def _look_from_outside(self, scene: scenes.Said) -> None:
        """Search the desk of somebody of the same side who is kept out of the room, the first time there is one."""
        assert scene.row.said is not None, "a private row"
        own = {person.party for person in (scene.speaker, *scene.hearers)}
        for kept in self.case.kept_out:
            for person in kept.people:
                colleague = self.case.people[person].party in own
                if scene.row.said.room in kept.out_of and colleague and self.sheet.first("outside"):
                    self._outside(scene, self.case.people[person])

    def _outside(self, scene: scenes.Said, colleague: Person) -> None:
        self.sheet.head("A room that their own colleagues cannot see")
        self.sheet.say(
            f"{short(colleague)} works on the same side and knows nothing of this room. Here is that desk, opened and searched"
            " in front of you, every page of every file:",
        )
        self.sheet.lines([""])
        seat = self._stage.seats[colleague.id]
        sought = (scene.title, _first_words(scene.row.gist), *(person.name for person in scene.hearers))
        self.sheet.screen(
            [
                *(line for text in sought for line in self._search(seat, text)),
                "",
                "its rooms:",
                *seat.lines("desk", "rooms"),
            ]
        )
        self.sheet.say(
            "No title, no member, no number of meetings: not hidden from the colleague's screen, but never sent to that desk at"
            " all. It will be searched again when all is over.",
        )

    def _show_crossing(self, person: Person) -> None:
        for shown in self._stage.seats[person.id].do("rooms")["rooms"]:
            room = str(shown["id"])
            seat = self._stage.seats[person.id]
            for item in seat.do("show", "--room", room)["items"]:
                if item["mine"] and item["crossed"] and self.sheet.first("crossing"):
                    self.sheet.say(f"So it stands on the desk of {short(person)}:", "")
                    self.sheet.screen(seat.lines("desk", "show", "--room", room, str(item["id"])))
                    self.sheet.say(
                        "Neither had seen the other's words when writing. No clock decides this: each message names the"
                        " ones its writer had read, and cannot name what had not come.",
                    )

    def _search(self, seat: Seat, text: str) -> list[str]:
        return [f"search: {text}", *(f"  {line}" for line in seat.lines("desk", "search", "--", text))]

    def _other_desk(self, row: Row, author: PersonId) -> PersonId | None:
        assert row.said is not None, "a private row"
        return next(
            (
                person
                for person in (PersonId(row.by), *row.said.to_people)
                if person in self._stage.seats and person != author
            ),
            None,
        )

    def _room_of_row(self, row: Row) -> str:
        assert row.said is not None, "a private row"
        return self.case.rooms[row.said.room].title

    # -- the end ------------------------------------------------------------------------------------------

    def forge(self, tables: Iterable[Table]) -> None:
        """Make somebody say what they never said, on the desk of somebody who heard them speak."""
        open_rooms = [table for table in tables if not table.closed and len(table.seated) > 1]
        if not open_rooms:
            return
        table = next((each for each in open_rooms if len(each.seated) == 2), open_rooms[0])  # noqa: PLR2004
        reader, other = table.in_order()[:2]
        self.sheet.head("A forgery, and why there can be one")
        self.sheet.say(
            f"Could {short(self.case.people[reader])} take this record to a newspaper and prove what"
            f" {short(self.case.people[other])} said? Let {short(self.case.people[reader])}'s desk make up a message:",
            "",
        )
        name = self._stage.seats[other].person.name
        lines = self._stage.seats[reader].lines(
            *("forge", "--room", table.id, "--", f"{name}: We accept everything, and always did.")
        )
        self.sheet.screen(line for line in lines if not line.startswith("head "))
        self.sheet.say(
            f"The desk made this a moment ago and every check accepts it like a real one, for it can make all that"
            f" {short(self.case.people[other])}'s desk can make for it. That is meant: the two know who wrote what, and nobody"
            " else can ever be shown.",
        )

    def relay(self) -> None:
        """Say what the relay was left with."""
        saw = seen(self.case, self._stage.database, self._stage.traffic)
        self.sheet.head("What the relay saw")
        sizes = " or ".join(f"{size:,}" for size in saw.cell_bytes)
        self.sheet.say(
            f"Everything went through one relay. Its database is open before us: {saw.drops} letter boxes under random"
            f" numbers, and in them {saw.cells:,} sealed blocks, every one of {sizes} bytes, whether it holds a word"
            " or a page."
        )
        self.sheet.say(
            "",
            f"A listener on the line wrote down all that passed: {saw.connections} connections,"
            f" {saw.traffic_bytes / 1e6:.1f} million bytes. We look there, in the relay's database, in its journal and in its log, for each of"
            f" the {saw.words} longer words and names of this play. Found: {len(saw.found)}.",
        )
        self.sheet.say(
            "",
            "What it does see, and this version does not hide: who is connected, and when something is written.",
        )

    def end(self, shown: Outcome) -> None:
        self.sheet.head("What the desks show, now that it is over")
        for line in shown.lines()[2:]:
            self.sheet.show(f"  {line}" if line and not line.startswith(" ") else line)

    def go_on(self, file: str, how: Iterable[str]) -> None:
        self.sheet.head("Go on by hand")
        self.sheet.say(
            "All desks are kept. To sit down at any of them, first read this file into your shell:"
        )
        self.sheet.lines(["", f"      . {file}", ""])
        self.sheet.lines(line if line[:1] in {"", " "} else f"  {line}" for line in how)
        self.sheet.lines([""])

    # -- printing -----------------------------------------------------------------------------------------

    @property
    def _stage(self) -> Stage:
        assert self.stage is not None, "the stage is set before anything happens on it"
        return self.stage


def _first_words(text: str) -> str:
    """Enough of a text to be found by, and no more than fits a line."""
    words = text.split()
    return " ".join(words[:6])
