"""Sentences for agendas of packages, after the name of who said it."""

from collections.abc import Callable, Mapping

from backchannel.channel.log import Entry
from backchannel.desk.commands.answer import spoken_list
from backchannel.desk.room import Room
from backchannel.desk.shown import one_line
from backchannel.moves.package import PackageAgenda, PackageAgree, PackageDrop
from backchannel.said import said
from backchannel.wire.codec import Record


def _on_table(_room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, PackageAgenda)
    titles = spoken_list(
        said("“{issue_title}”", issue_title=one_line(issue.title)) for issue in body.agenda.issues
    )
    return said(
        "puts an agenda for packages on the table, for {sides}: {titles}",
        sides=spoken_list(map(one_line, body.sides)),
        titles=titles,
    )


SENTENCES: Mapping[type[Record], str | Callable[[Room, Entry, Record], str]] = {
    PackageAgenda: _on_table,
    PackageAgree: said("agrees to an agenda for packages, for their side"),
    PackageDrop: said("takes an agenda for packages off the table"),
}
