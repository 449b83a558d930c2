"""Scripts: what was pinned, and the alarm that stood before anybody went on."""

from backchannel.plays.case import Expectation
from backchannel.plays.enact.scripts import steps_of
from backchannel.plays.looks import Evidence, Looks
from backchannel.plays.readers.finding import Finding, NotSo, named, rows_of, so

PINNED = "as-pinned"
FEWEST = 2  # rows: what pins, and what departs


def deviation_alarm(looks: Looks, wanted: Expectation) -> Finding:
    """Each of those desks showed an alarm when the second row came in the place of a pinned step, and a further step was refused."""
    rows = rows_of(looks, wanted)
    if len(rows) < FEWEST:
        raise NotSo(f"“{wanted.expect}” names fewer than two rows.")
    first, departing = rows[0], rows[-1]
    blocked = [
        Evidence.of(person, words, after=departing.n)
        for (n, person, words), answer in looks.glimpses.items()
        if n == departing.n and words[:2] == ("script", "step") and answer.get("error")
    ]
    evidence: list[Evidence] = []
    for person in named(wanted):
        found = [
            (words, script, came)
            for (n, desk, words), answer in looks.glimpses.items()
            if (n, desk) == (departing.n, person) and words[:2] == ("script", "show")
            for script in answer["scripts"]
            if tuple(script["steps"]) == steps_of(first) and script["pinned"]
            for came in script["came"]
            if came["item"] in {held.id for held in looks.of_row(person, departing)}
        ]
        if not found:
            raise NotSo(
                f"The desk of {person} holds row {departing.n} against nothing that row {first.n} pinned."
            )
        departed = [each for each in found if each[2]["how"] != PINNED and each[2]["alarm"]]
        if not departed:
            raise NotSo(f"On the desk of {person} row {departing.n} came as it was pinned.")
        for words, script, came in departed:
            evidence.append(Evidence.of(person, words, script["id"], came["id"], after=departing.n))
    if not blocked:
        raise NotSo(f"Nobody's desk refused to go on after row {departing.n}.")
    return so([*evidence, *blocked])
