"""The shape of sessions: how many views, carts and purchases each has, and in what order.

Belongs here: lengths and kinds. Not here: times, products and users (sessions.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ecom_platform.generator import calibration
from ecom_platform.generator.streams import Ints, Stream

VIEW, CART, PURCHASE = 0, 1, 2
_BUYS_WITHOUT_CART, _BUYS_FROM_CART, _BROWSES = 0, 1, 3


@dataclass(frozen=True, eq=False)
class Shapes:
    """Sessions and their events, laid out one session after the other.

    Carts, then purchases, follow the `anchor`-th view; the other views come after them.

    Attributes:
        carts: carts of each session.
        bought: purchases of each session.
        anchor: views before the first cart or purchase, at least 1.
        length: events of each session.
        first: position of each session's first event.
        owner: session of each event.
        place: place of each event in its session, from 0.
    """

    carts: Ints
    bought: Ints
    anchor: Ints
    length: Ints
    first: Ints
    owner: Ints
    place: Ints

    def anchored(self) -> tuple[Ints, npt.NDArray[np.uint8]]:
        """Positions of all carts and purchases, and which of the two each is."""
        acting = np.flatnonzero(self.carts + self.bought > 0)
        spans = self.carts[acting] + self.bought[acting]
        session = np.repeat(acting, spans)
        step = np.arange(len(session)) - np.repeat(np.cumsum(spans) - spans, spans)
        position = self.first[session] + self.anchor[session] + step
        return position, np.where(step < self.carts[session], CART, PURCHASE).astype(np.uint8)

    def viewed_before(self, position: Ints, event_type: npt.NDArray[np.uint8]) -> Ints:
        """Position of the view that a cart or purchase goes back to.

        The first goes back to the last view before it, the second to the one before that.
        """
        session = self.owner[position]
        anchor = self.anchor[session]
        step = self.place[position] - anchor
        step -= np.where(event_type == PURCHASE, self.carts[session], 0)
        return self.first[session] + np.maximum(anchor - 1 - step, 0)


def draw_shapes(stream: Stream, count: int, conversion: float) -> Shapes:
    """Draw the shapes of `count` sessions; `conversion` scales how many cart and buy."""
    views = calibration.views_table()[stream.bits16(count)]
    steps = np.cumsum(
        [
            calibration.BUYING_WITHOUT_CART,
            calibration.BUYING_WITH_CART,
            calibration.CART_ONLY,
        ]
    )
    limits = np.round(steps * conversion * 65_536).astype(np.int64)
    kind = np.searchsorted(limits, stream.bits16(count), side="right")
    buys = kind <= _BUYS_FROM_CART
    fills_cart = (kind > _BUYS_WITHOUT_CART) & (kind < _BROWSES)
    cart_counts = calibration.geometric_table(calibration.CARTS_PER_CART_SESSION)
    buy_counts = calibration.geometric_table(calibration.PURCHASES_PER_BUYING_SESSION)
    carts = np.where(fills_cart, cart_counts[stream.bits16(count)], 0)
    bought = np.where(buys, buy_counts[stream.bits16(count)], 0)
    anchor = 1 + ((stream.bits16(count).astype(np.int64) * views) >> 16)
    length = views + carts + bought
    first = np.cumsum(length) - length
    owner = np.repeat(np.arange(count), length)
    place = np.arange(len(owner)) - first[owner]
    return Shapes(carts, bought, anchor, length, first, owner, place)
