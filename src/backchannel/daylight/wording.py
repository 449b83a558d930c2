"""What a checked text shows, in plain words and as a value."""

from collections.abc import Iterator, Mapping

from backchannel.crypto.seals import b64, fingerprint
from backchannel.daylight.disclosure import Understanding
from backchannel.daylight.stamps import Stamp
from backchannel.daylight.strict import date_of
from backchannel.daylight.text import Kind, Lapse, Relation
from backchannel.daylight.verify import Checked, Ownership, Sealer
from backchannel.said import joined, said
from backchannel.wire.canonical_json import Json

LAPSES = {
    Lapse.ELECTION: said(
        "If a closed term comes out, each side that did not publish it may end the closed terms; if nobody knows"
        " who published it, they stand until the sides decide."
    ),
    Lapse.STANDS: said("If a closed term comes out, the closed terms stand all the same."),
    Lapse.LAPSES: said("If a closed term comes out, the closed terms end."),
}
RELATIONS = {
    Relation.PERFORMANCE: said("It is the performance of"),
    Relation.AMENDMENT: said("It is the amendment of"),
    Relation.STATEMENT: said("It is what the sides say in public about"),
}
_QUOTED = "  │ "  # before every line of other people's words, so that none of them passes for ours


def sentences(checked: Checked, beside: Mapping[bytes, str]) -> Iterator[str]:
    """Say line by line what is shown and what is not; `beside` gives the titles of texts that were checked with it."""
    payload = checked.payload
    names = [side.name for side in payload.sides]
    if all(one.ownership is Ownership.SHOWN for one in checked.sealers):
        yield said("SEALED by {listed}: every side's signature holds.", listed=_listed(names))
    else:
        yield (
            said(
                "SEALED in the names of {listed}: every listed key's signature holds; whose keys they are is said below.",
                listed=_listed(names),
            )
        )
    yield said("{quoted}{payload_title}", quoted=_QUOTED, payload_title=payload.title)
    proved = (
        "" if any(one.vouched for one in checked.stamps) else said("; nothing here proves when it was sealed")
    )
    yield said("Dated {dated}: the sides say so together{proved}.", dated=payload.dated, proved=proved)
    yield from map(stamp_sentence, checked.stamps)
    if payload.kind == Kind.REPORT:
        yield said(
            "This is a report: what the sides say together of how they talked. It proves nothing about any talk."
        )
    yield ""
    yield said("Whose keys these are:")
    for sealer in checked.sealers:
        yield said("  {sealer}: {owned}", sealer=sealer.name, owned=_owned(sealer))
    yield ""
    yield from _clauses(checked)
    yield from _terms(checked)
    for one in payload.refers_to:
        title = next((title for text, title in beside.items() if b64(text) == one.text), None)
        known = (
            said("“{title}”, checked here too", title=title)
            if title
            else said("which was not given, so it was not checked")
        )
        yield said(
            "{relations} an earlier sealed text, {known}: {one}.",
            relations=RELATIONS[Relation(one.relation)],
            known=known,
            one=one.text,
        )
    yield said("Check words of this text: {fingerprint}", fingerprint=fingerprint(checked.text))


def stamp_sentence(stamp: Stamp) -> str:
    """Say whose word a time stamp is, and how far it is to be believed."""
    there = said(
        "this text and every signature under it were there at {date_of}", date_of=date_of(stamp.at_ms)
    )
    if stamp.vouched:
        return said(
            "Stamped by “{by}”: {there}. That is the authority's word and not the sides' claim; a certificate that you"
            " gave vouches for it.",
            by=stamp.by,
            there=there,
        )
    return said(
        "A time stamp by “{by}” says that {there}. It is not checked against anybody you trust, and anyone can make"
        " one in any name: give that authority's certificate with --tsa.",
        by=stamp.by,
        there=there,
    )


def _owned(sealer: Sealer) -> str:
    code = fingerprint(sealer.seal_code)
    if sealer.ownership is Ownership.SHOWN:
        return said("shown to be theirs, by the fingerprint that you gave.")
    if sealer.ownership is Ownership.CLAIMED and sealer.long_term is not None:
        return said(
            "claimed by the long-term key {fingerprint}; compare it with what {sealer} has made known, and give it"
            " with --anchor.",
            fingerprint=fingerprint(sealer.long_term),
            sealer=sealer.name,
        )
    return said("ownership not shown: anybody could have made this key. Its seal code is {code}.", code=code)


def _clauses(checked: Checked) -> Iterator[str]:
    for number, words in enumerate(checked.clauses, 1):
        if words is None:
            yield said(
                "Clause {number}: LEFT OUT of this file; the sealed text has it. Ask for the whole file.",
                number=number,
            )
        else:
            yield said("Clause {number}:", number=number)
            yield from (_QUOTED + line for line in words.split("\n"))
    if not checked.clauses:
        yield said("The text has no clause in the open.")
    yield ""


def _terms(checked: Checked) -> Iterator[str]:
    for name, value in sorted(checked.opened.items()):
        if isinstance(value, Understanding):
            yield said(
                "Opened: {name}, an oral understanding of {listed}, confirmed {confirmed}:",
                name=name,
                listed=_listed(list(value.sides)),
                confirmed=value.confirmed,
            )
            yield said("{quoted}{subject}", quoted=_QUOTED, subject=value.subject)
        else:
            yield said("Opened: {name}, closed when the text was sealed:", name=name)
            yield from (_QUOTED + line for line in value.split("\n"))
    yield (
        said(
            "Still closed: some number of terms from none to {closed_at_most}; this file does not tell how many there are.",
            closed_at_most=checked.closed_at_most,
        )
    )
    yield LAPSES[Lapse(checked.payload.lapse)]


def value(checked: Checked) -> dict[str, Json]:
    """Give the same for programs."""
    payload = checked.payload
    sides: list[Json] = [
        {
            "name": one.name,
            "ownership": one.ownership.value,
            "seal_code": fingerprint(one.seal_code),
            "long_term": None if one.long_term is None else fingerprint(one.long_term),
        }
        for one in checked.sealers
    ]
    opened: dict[str, Json] = {
        name: one
        if isinstance(one, str)
        else {
            "confirmed": one.confirmed,
            "lapse": one.lapse,
            "sides": list(one.sides),
            "subject": one.subject,
        }
        for name, one in checked.opened.items()
    }
    return {
        "sealed": True,
        "text": b64(checked.text),
        "title": payload.title,
        "kind": payload.kind,
        "dated": payload.dated,
        "dated_is": said("the sides' joint claim"),
        "sides": sides,
        "clauses": list(checked.clauses),
        "opened": opened,
        "closed_at_most": checked.closed_at_most,
        "lapse": payload.lapse,
        "stamps": [
            {"by": one.by, "at": date_of(one.at_ms), "vouched": one.vouched} for one in checked.stamps
        ],
        "refers_to": [{"as": one.relation, "text": one.text} for one in payload.refers_to],
    }


def _listed(names: list[str]) -> str:
    return (
        names[0]
        if len(names) == 1
        else said("{names} and {names_2}", names=joined(", ", names[:-1]), names_2=names[-1])
    )
