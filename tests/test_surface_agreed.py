"""Whatever people say and in whatever order it arrives: what a desk holds for agreed for good stays agreed on every desk."""

import random
from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from backchannel.channel.event import EventId, MemberId
from backchannel.channel.log import Log
from backchannel.moves.surface import SurfaceAgree, SurfacePropose, SurfaceRetract, standing
from conftest import DEEP
from pens import Pen, World, paper, scattered, seated

PEOPLE = (("Ann", "A", "principal"), ("Al", "A", "authorised-envoy"), ("Ben", "B", "principal"))


def settled(pen: Pen, target: EventId) -> bool:
    """What a desk would publish by: it knows of others what their last event shows."""
    log = pen.log
    assert log is not None

    def shown(mid: MemberId) -> Mapping[MemberId, int]:
        last = log.last_by(mid)
        return {} if last is None else log.entries[EventId(last.id)].seen

    proposed = standing(log).get(target)
    return proposed is not None and not proposed.missing and not proposed.unsettled(shown)


def say(world: World, pen: Pen, rng: random.Random, target: EventId) -> None:
    kinds = {
        "surface-agree": SurfaceAgree(target),
        "surface-retract": SurfaceRetract(target),
        "paper": paper("words"),
    }
    kind = rng.choice(["surface-agree", "surface-agree", "surface-retract", "paper", "paper", "paper"])
    world.at += rng.randint(-3, 10)
    world.say(pen, pen.write(kind, kinds[kind], world.at, item=kind == "paper"))


@settings(max_examples=2_000 if DEEP else 40, deadline=None)
@given(st.integers(0, 2**32))
def test_what_a_desk_takes_for_agreed_for_good_stays_agreed_on_every_desk(seed: int) -> None:
    rng = random.Random(seed)
    world = seated(rng, *PEOPLE)
    first = world.pens[rng.randrange(3)]
    body = SurfacePropose(bytes(32), ("A", "B"), "everyone", 0, (), (), "", ())
    proposed = first.write("surface-propose", body, 1)
    world.say(first, proposed)
    seen: set[bytes] = set()
    for _ in range(40):
        if rng.random() < 0.35:
            able = [pen for pen in world.pens if pen.log is not None and proposed.id in pen.log.entries]
            say(world, rng.choice(able), rng, proposed.id)
        else:
            world.deliver(rng.randint(1, 5))
        seen |= {pen.id for pen in world.pens if pen.log is not None and settled(pen, proposed.id)}
    world.settle()
    logs: list[Log] = [pen.log for pen in world.pens if pen.log is not None]
    found = [standing(log)[proposed.id] for log in logs]
    assert (
        len(
            {
                tuple((side, tuple(one.id for one in acts)) for side, acts in one.agreed.items())
                for one in found
            }
        )
        == 1
    )
    if seen:
        assert found[0].missing == ()
    again = standing(scattered(logs[0], world.sheets, rng))[proposed.id]
    assert {side: {one.id for one in acts} for side, acts in again.agreed.items()} == {
        side: {one.id for one in acts} for side, acts in found[0].agreed.items()
    }


def test_the_schedules_reach_agreements_for_good_and_changes_of_mind() -> None:
    """The property above is about something: among its first schedules both outcomes occur, after a change of mind too."""
    outcomes = set()
    for seed in range(40):
        rng = random.Random(seed)
        world = seated(rng, *PEOPLE)
        ann = world.pens[0]
        proposed = ann.write(
            "surface-propose", SurfacePropose(bytes(32), ("A", "B"), "all", 0, (), (), "", ()), 1
        )
        world.say(ann, proposed)
        world.settle()
        for _ in range(6):
            say(world, rng.choice(world.pens), rng, proposed.id)
            world.deliver(3)
        world.settle()
        outcomes.add(settled(ann, proposed.id))
    assert outcomes == {True, False}
