"""Case files: found by name, read strictly, every reference checked; an error names its line (docs/spec/case.md)."""

from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from backchannel.errors import Refused
from backchannel.plays.agenda import read_agenda
from backchannel.plays.aims import read_clocks, read_features, read_kept_out
from backchannel.plays.case import Case
from backchannel.plays.cast import read_cast
from backchannel.plays.marked_yaml import MAX_BYTES, read
from backchannel.plays.timeline import read_timeline

SCHEMA = "backchannel-case/2"
SECTIONS = (
    *("schema", "id", "title", "summary", "principals", "parties", "people", "rooms", "timeline"),
    *("kept_out", "intermediaries", "clocks", "features", "issues", "oracles", "deal", "actual_outcome"),
)


def shipped() -> dict[str, Traversable]:
    """Give the cases that come with the package, by name."""
    folder = resources.files("backchannel.plays") / "cases"
    return {
        entry.name.removesuffix(".yaml"): entry for entry in folder.iterdir() if entry.name.endswith(".yaml")
    }


def load_case(name_or_file: str) -> Case:
    """Load a shipped case by its name, or any case from a file."""
    if name_or_file in (ours := shipped()):
        return parse_case(ours[name_or_file].read_bytes(), f"{name_or_file}.yaml")
    path = Path(name_or_file)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or "not the name of a file"
        raise Refused(
            f"{name_or_file} cannot be read ({reason.lower()}); name a case file or one of: {', '.join(sorted(ours))}."
        ) from error
    return parse_case(data, path.name)


def parse_case(data: bytes, file: str) -> Case:
    """Read a case; `file` is the name by which errors speak of it."""
    top = read(data, file).table("the case", SECTIONS)
    schema = top["schema"]
    if schema.value != SCHEMA:
        raise schema.refused(f"is {schema.value!r}; this version reads {SCHEMA!r} only")
    cast = read_cast(top)
    agenda = read_agenda(top, cast)
    clocks = read_clocks(top, cast)
    return Case(
        id=top["id"].id(),
        title=top["title"].text(),
        summary=top.text("summary"),
        parties=cast.parties,
        people=cast.people,
        rooms=cast.rooms,
        timeline=read_timeline(top, cast, agenda),
        kept_out=read_kept_out(top, cast),
        intermediaries=tuple(
            cast.person(item.table("an intermediary", ("id",))["id"]).id
            for item in top.items("intermediaries")
        ),
        clocks=clocks,
        features=read_features(top, cast, clocks),
        issues=agenda.issues,
        oracles=agenda.oracles,
        secret_terms=agenda.secret_terms,
        actual_outcome=agenda.actual_outcome,
    )
