"""The order in which a sounding of kind `first` opens, which nobody can grind (docs/spec/sounding.md 7).

It is drawn from shares of a point that the inputs fix, so it is known only once nobody can change an input.
"""

import hashlib

from backchannel.crypto.hashing import framed
from backchannel.crypto.sounding.group import Point, base, name

_DRAW_BYTES = 8


def order_base(inputs_name: bytes) -> Point:
    return base("order", inputs_name)


def drawn_order(inputs_name: bytes, joint: Point, count: int) -> list[int]:
    """Give the numbers of all options in the order drawn; `joint` is the sum of all sides' shares of the order's base."""
    seed = framed("backchannel/sounding-draw/1", name("seed", inputs_name, joint))
    order = list(range(count))
    stream = hashlib.shake_256(seed)
    size, at = 2 * count * _DRAW_BYTES, 0
    drawn = stream.digest(size)
    for last in range(count - 1, 0, -1):
        # spec 7: a draw that would favour some options is drawn again
        limit = (1 << 64) // (last + 1) * (last + 1)
        while True:
            if at == size:
                size *= 2
                drawn = stream.digest(size)
            number = int.from_bytes(drawn[at : at + _DRAW_BYTES])
            at += _DRAW_BYTES
            if number < limit:
                break
        chosen = number % (last + 1)
        order[last], order[chosen] = order[chosen], order[last]
    return order
