"""The same domains negotiated by negmas' agents, with utilities as our reader gives them."""

import importlib
import importlib.metadata
import time
import warnings
from collections.abc import Callable
from typing import Any

from backchannel.packages.preferences import UNIT, Additive
from dealing.domains import Domain

STRATEGIES = {
    "linear": "LinearTBNegotiator",
    "Boulware": "BoulwareTBNegotiator",
    "MiCRO": "MiCRONegotiator",
    "FastMiCRO": "FastMiCRONegotiator",
}


def version() -> str | None:
    """Give the version of negmas, None if it is not installed."""
    try:
        return importlib.metadata.version("negmas")
    except importlib.metadata.PackageNotFoundError:
        return None


def session(domain: Domain, strategy: str, steps: int) -> tuple[int | None, float]:
    """Let two agents of one strategy bargain by alternating offers; gives their package and the seconds."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        negmas: Any = importlib.import_module("negmas")
        linear: Callable[..., Any] = importlib.import_module(
            "negmas.preferences"
        ).LinearAdditiveUtilityFunction
        agent: Callable[..., Any] = getattr(
            importlib.import_module("negmas.sao.negotiators"), STRATEGIES[strategy]
        )
        began = time.perf_counter()
        outcomes = negmas.make_os(
            [
                negmas.make_issue([str(option) for option in options], f"issue {place}")
                for place, options in enumerate(domain.space.open)
            ]
        )
        mechanism = negmas.SAOMechanism(outcome_space=outcomes, n_steps=steps)
        for side, (preferences, walk_away) in enumerate(zip(domain.sides, domain.walk_aways, strict=True)):
            assert isinstance(preferences, Additive)
            values = [
                {str(option): share / UNIT for option, share in enumerate(row)} for row in preferences.shares
            ]
            utility = linear(
                values=values,
                weights=[1.0] * len(values),
                reserved_value=walk_away / UNIT,
                outcome_space=outcomes,
            )
            mechanism.add(agent(name=f"side {side}", ufun=utility))
        mechanism.run()
        agreed = mechanism.agreement
        seconds = time.perf_counter() - began
    if agreed is None:
        return None, seconds
    return domain.space.number(tuple(int(option) for option in agreed)), seconds
