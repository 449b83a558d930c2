"""Lists of prices that two sides sound their limits on, and why not as a plain list. Imports nothing heavy."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from backchannel.errors import Refused
from backchannel.said import said

MOST_PRICES = 256
_MOST_LETTERS = 30


def why(kind: str) -> str:
    """Say, before anything is sent, what is asked and why it is not asked as a plain list."""
    if kind == "drawn":
        return said(
            "{plain} Here each of you marks every price first; then your desks together draw one, which neither can choose, and only"
            " whether all accept that one shows: one bit. As no answer moves the price, it pays to answer as you mean it. Whoever"
            " stops once it is drawn is named.",
            plain=_plain(),
        )
    return said(
        "{plain} Here only whether your limits meet shows, to both of you: one bit, and not by how much. Whoever asks again"
        " with other prices learns more, so a second time needs a new mandate.",
        plain=_plain(),
    )


def listed(first: str, last: str, step: str, unit: str) -> list[str]:
    """Give the prices of a list from the lowest to the highest, as options."""
    low, high, by = (price(typed) for typed in (first, last, step))
    if by <= 0 or high <= low:
        raise Refused("Give the lowest price, then a higher one, and a step above zero between two prices.")
    count = int((high - low) / by) + 1
    if not 1 < count <= MOST_PRICES:
        raise Refused(
            said(
                "That would be {count} prices; choose a step that makes from 2 to {most}.",
                count=count,
                most=MOST_PRICES,
            )
        )
    return [f"{low + by * number:f} {unit.strip()}".strip() for number in range(count)]


def are_prices(options: Sequence[str]) -> bool:
    """Tell whether every option of a list is a price, so that one limit answers all of it."""
    return len(options) > 1 and all(_value(option) is not None for option in options)


def marked(options: Sequence[str], mine: str, end: str | None) -> list[bool]:
    """Mark the prices up to one's own, as a buyer, or from it on, as a seller."""
    prices = [value for value in map(_value, options) if value is not None]
    if not are_prices(options):
        raise Refused("The options of this sounding are not prices; answer with --yes and their numbers.")
    if end is None:
        raise Refused("Say with --as whether you answer as buyer or as seller.")
    own = price(mine)
    return [one <= own if end == "buyer" else one >= own for one in prices]


def price(typed: str) -> Decimal:
    """Read a price, or raise Refused."""
    value = _value(typed)
    if value is None:
        raise Refused(
            said("“{typed}” is not a price; write it in digits, such as 120 or 99.50.", typed=typed)
        )
    return value


def _value(text: str) -> Decimal | None:
    number = text.strip().partition(" ")[0]
    if len(number) > _MOST_LETTERS or not number.lstrip("-").replace(".", "", 1).isdecimal():
        return None
    try:
        return Decimal(number)
    except InvalidOperation:
        return None


def _plain() -> str:
    return said(
        "A plain list of prices would show both limits: what all accept of it ends at the one and at the other."
    )
