"""The sessions that begin in one hour: who, when, which products, viewed, carted and bought.

Belongs here: the behaviour of people, drawn for an hour at once. Not here: whole hours of events,
which also hold sessions begun earlier (timeline.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ecom_platform.generator import calibration
from ecom_platform.generator.assortment import Assortment
from ecom_platform.generator.shapes import Shapes, draw_shapes
from ecom_platform.generator.streams import Ints, Purpose, Stream
from ecom_platform.generator.visitors import Bytes, draw_users, draw_visitors, write_users
from ecom_platform.generator.world import World, date_of

# What happens more than three hours after its session began is cut off. So an hour's events come
# from the sessions begun in it and in the three hours before, and any hour can be made alone.
CARRY_HOURS = 3
_SAME_PRODUCT = round(0.25 * 65_536)
_OTHER_CATEGORY = round((1 - 0.11) * 65_536)
_TYPE_SHARES = (
    1 - calibration.CART_SHARE - calibration.PURCHASE_SHARE,
    calibration.CART_SHARE,
    calibration.PURCHASE_SHARE,
)


@dataclass(frozen=True, eq=False)
class Events:
    """Columns of events; those of one session have different times, so no two are alike.

    Attributes:
        second: second of the hour.
        event_type: shapes.VIEW, CART or PURCHASE.
        product: index into the catalogue.
        visitor: row of the visitors' text.
        copies: how many further copies of the event are written.
    """

    second: npt.NDArray[np.uint16]
    event_type: npt.NDArray[np.uint8]
    product: npt.NDArray[np.int32]
    visitor: npt.NDArray[np.int32]
    copies: npt.NDArray[np.uint8]

    def take(self, index: Ints) -> Events:
        """The events at those positions."""
        return Events(
            self.second[index],
            self.event_type[index],
            self.product[index],
            self.visitor[index],
            self.copies[index],
        )


@dataclass(frozen=True, eq=False)
class HourOfSessions:
    """Sessions begun in one hour: their visitors, and their events by hours elapsed (0 to 3)."""

    visitors: Bytes
    events: tuple[Events, ...]


def begin_sessions(world: World, hour: int) -> HourOfSessions:
    """Draw the sessions that begin in an hour."""
    stream = world.stream(Purpose.SESSIONS, hour)
    count = stream.rounded(world.expected_sessions(hour))
    user_id = draw_users(stream, world.users, count)
    visitors = draw_visitors(stream, user_id)
    shapes = draw_shapes(stream, count, calibration.conversion(date_of(hour)))
    words = stream.words(len(shapes.owner)).view("<u2").reshape(-1, 4)
    second = _draw_seconds(stream, shapes, words[:, 0])
    product = _draw_products(stream, world.assortment, shapes, words)
    event_type = np.zeros(len(second), dtype=np.uint8)
    anchored, anchored_type = shapes.anchored()
    event_type[anchored] = anchored_type
    product[anchored] = product[shapes.viewed_before(anchored, anchored_type)]
    copies = _draw_copies(stream, event_type)
    changes = world.planned(world.shared_sessions, hour)
    visitor, visitors = _change_users(stream, world.users, changes, shapes, visitors)
    events = Events((second % 3600).astype(np.uint16), event_type, product, visitor, copies)
    elapsed = second // 3600
    return HourOfSessions(
        visitors,
        tuple(events.take(np.flatnonzero(elapsed == offset)) for offset in range(CARRY_HOURS + 1)),
    )


def _draw_seconds(stream: Stream, shapes: Shapes, bits: npt.NDArray[np.uint16]) -> Ints:
    """Seconds since the hour began; cut-off events get one beyond the last hour that counts."""
    begin = stream.below(3600, len(shapes.length))
    gaps = calibration.gap_table()[bits >> 4]
    gaps[shapes.first] = 0
    clock = np.cumsum(gaps)
    elapsed = clock - clock[shapes.first][shapes.owner]
    seconds = begin[shapes.owner] + elapsed
    return np.where(elapsed < CARRY_HOURS * 3600, seconds, (CARRY_HOURS + 1) * 3600)


def _draw_products(
    stream: Stream, assortment: Assortment, shapes: Shapes, words: npt.NDArray[np.uint16]
) -> npt.NDArray[np.int32]:
    """Products of views: mostly of one category a session, often the same product again."""
    choice = words[:, 1]
    category = assortment.guide[stream.bits16(len(shapes.length))][shapes.owner]
    stray = np.flatnonzero((choice >= _OTHER_CATEGORY) & (shapes.place > 0))
    category[stray] = assortment.guide[stream.bits16(len(stray))]
    bits32 = np.ascontiguousarray(words[:, 2:]).view("<u4").ravel()
    product = assortment.pick(bits32, category).astype(np.int32)
    repeats = (choice < _SAME_PRODUCT) & (shapes.place > 0)
    source = np.where(repeats, 0, np.arange(len(product)))
    return product[np.maximum.accumulate(source)]


def _draw_copies(stream: Stream, event_type: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Further copies of each event: nearly always none, now and then dozens, mostly of carts."""
    table = calibration.extra_copies_table()
    mean = float(table.mean())
    copies = np.zeros(len(event_type), dtype=np.uint8)
    shares = zip(calibration.DUPLICATES_BY_TYPE.values(), _TYPE_SHARES, strict=True)
    for code, (share_of_copies, share_of_events) in enumerate(shares):
        positions = np.flatnonzero(event_type == code)
        chance = calibration.COPIES_PER_EVENT * share_of_copies / share_of_events / mean
        hits = stream.below(len(positions), stream.rounded(chance * len(positions)))
        copies[positions[hits]] = table[stream.bits16(len(hits))]
    return copies


def _change_users(
    stream: Stream, users: int, changes: int, shapes: Shapes, visitors: Bytes
) -> tuple[npt.NDArray[np.int32], Bytes]:
    """Hand the second half of some sessions to another user, under the same session id."""
    visitor = shapes.owner.astype(np.int32)
    candidates = np.flatnonzero(shapes.length >= 2)
    if not changes or not len(candidates):
        return visitor, visitors
    chosen = np.unique(candidates[stream.below(len(candidates), changes)])
    others = visitors[chosen].copy()
    write_users(others, draw_users(stream, users, len(chosen)))
    for number, session in enumerate(chosen.tolist()):
        begin = int(shapes.first[session])
        length = int(shapes.length[session])
        visitor[begin + length // 2 : begin + length] = len(visitors) + number
    return visitor, np.concatenate([visitors, others])
