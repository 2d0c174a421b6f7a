"""All events of one hour, in the order of time: sessions begun now and earlier, and residents.

Belongs here: putting an hour together, prices, lost events, null sessions, copies. Not here: text.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ecom_platform.generator.residents import Resident
from ecom_platform.generator.sessions import CARRY_HOURS, Events, HourOfSessions, begin_sessions
from ecom_platform.generator.shapes import PURCHASE, VIEW
from ecom_platform.generator.streams import Ints, Purpose
from ecom_platform.generator.visitors import Bytes, draw_visitors, user_ids, without_session
from ecom_platform.generator.world import World, date_of

_SURVIVES_LOSS = round(0.001 * 65_536)


@dataclass(frozen=True, eq=False)
class HourOfEvents:
    """The rows of one hour, ascending by time; copies of an event follow it directly.

    Attributes:
        hour: hours since 1970-01-01T00 UTC.
        second: second of the hour.
        event_type: shapes.VIEW, CART or PURCHASE.
        product: index into the catalogue.
        cents: price.
        visitor: row of `visitors`, or of `nameless` counted on from there.
        is_copy: whether the row repeats the one before it in all columns.
        visitors: text of user and session.
        nameless: text of users whose session id is null.
        lost_rows: rows that lost event types took away, by type code.
    """

    hour: int
    second: npt.NDArray[np.uint16]
    event_type: npt.NDArray[np.uint8]
    product: npt.NDArray[np.int32]
    cents: Ints
    visitor: npt.NDArray[np.int32]
    is_copy: npt.NDArray[np.bool_]
    visitors: Bytes
    nameless: Bytes
    lost_rows: tuple[int, ...]


class Timeline:
    """Gives the events of any hour; cheapest when asked in ascending order."""

    def __init__(self, world: World, lost: Mapping[dt.date, set[int]] | None = None) -> None:
        """Prepare a timeline.

        Args:
            world: the plan.
            lost: codes of event types that are lost, by date.
        """
        self._world = world
        self._lost = lost or {}
        self._begun: dict[int, HourOfSessions] = {}
        self._offered = world.assortment.offered()
        self._cents_on = lru_cache(maxsize=1)(world.assortment.cents_on)
        numbers = np.arange(len(world.residents))
        # Beyond the ranks of people: a resident's user is nobody else.
        self._resident_users = user_ids(world.users + numbers)
        stream = world.stream(Purpose.RESIDENT_VISITORS, 0)
        self._resident_visitors = draw_visitors(stream, self._resident_users)

    def hour(self, hour: int) -> HourOfEvents:
        """All rows of an hour."""
        events, visitors = self._gather(hour)
        events = events.take(np.argsort(events.second, kind="stable"))
        cents = self._cents_on(date_of(hour).toordinal())[events.product]
        # Nobody buys at a price of zero: such a purchase was only a look.
        events.event_type[(cents == 0) & (events.event_type == PURCHASE)] = VIEW
        gone = self._lost_now(hour, events)
        lost_rows = np.bincount(events.event_type[gone], events.copies[gone] + 1, minlength=3)
        if len(gone):
            left = np.delete(np.arange(len(cents)), gone)
            events, cents = events.take(left), cents[left]
        visitor, nameless = self._forget_sessions(hour, events, cents, visitors)
        row = np.repeat(np.arange(len(cents)), events.copies.astype(np.int64) + 1)
        return HourOfEvents(
            hour=hour,
            second=events.second[row],
            event_type=events.event_type[row],
            product=events.product[row],
            cents=cents[row],
            visitor=visitor[row],
            is_copy=np.concatenate([np.zeros(min(len(row), 1), dtype=bool), row[1:] == row[:-1]]),
            visitors=visitors,
            nameless=nameless,
            lost_rows=tuple(lost_rows.astype(np.int64).tolist()),
        )

    def _gather(self, hour: int) -> tuple[Events, Bytes]:
        """Events that fall into an hour, unsorted, with the visitors they refer to."""
        self._begun = {
            begun: self._begun.get(begun) or begin_sessions(self._world, begun)
            for begun in range(hour - CARRY_HOURS, hour + 1)
        }
        parts, visitors, known = [], [self._resident_visitors], len(self._resident_visitors)
        parts += [self._resident_events(resident, hour) for resident in self._world.residents]
        for begun, sessions in self._begun.items():
            part = sessions.events[hour - begun]
            parts.append((part, known))
            visitors.append(sessions.visitors)
            known += len(sessions.visitors)
        events = Events(
            np.concatenate([part.second for part, _ in parts]),
            np.concatenate([part.event_type for part, _ in parts]),
            np.concatenate([part.product for part, _ in parts]),
            np.concatenate([part.visitor + np.int32(shift) for part, shift in parts]),
            np.concatenate([part.copies for part, _ in parts]),
        )
        return events, np.concatenate(visitors)

    def _resident_events(self, resident: Resident, hour: int) -> tuple[Events, int]:
        stream = self._world.stream(Purpose.RESIDENTS, hour * 1_000 + resident.number)
        second = resident.views_in(hour, stream)
        product = resident.products_in(hour, len(second), self._offered, stream)
        zeros = np.zeros(len(second), dtype=np.uint8)
        events = Events(
            second.astype(np.uint16),
            zeros + np.uint8(VIEW),
            product.astype(np.int32),
            np.full(len(second), resident.number, dtype=np.int32),
            zeros,
        )
        return events, 0

    def _lost_now(self, hour: int, events: Events) -> Ints:
        """Positions of the events that a lost event type takes away."""
        types = self._lost.get(date_of(hour))
        if not types:
            return np.arange(0)
        survives = self._world.stream(Purpose.LOST, hour).bits16(len(events.second))
        return np.flatnonzero(
            np.isin(events.event_type, sorted(types)) & (survives >= _SURVIVES_LOSS)
        )

    def _forget_sessions(
        self, hour: int, events: Events, cents: Ints, visitors: Bytes
    ) -> tuple[npt.NDArray[np.int32], Bytes]:
        """Take the session id from the planned number of events.

        They get different seconds, so that they stay different events without it; and a price,
        so that exactly one rule rejects each.
        """
        visitor = events.visitor.copy()
        planned = self._world.planned(self._world.null_sessions, hour)
        candidates = np.flatnonzero(cents > 0)
        if not planned or not len(candidates):
            return visitor, without_session(visitors[:0])
        stream = self._world.stream(Purpose.NULL_SESSIONS, hour)
        chosen = candidates[stream.below(len(candidates), planned)]
        _, first = np.unique(events.second[chosen], return_index=True)
        chosen = chosen[first]
        nameless = without_session(visitors[visitor[chosen]])
        visitor[chosen] = len(visitors) + np.arange(len(chosen))
        return visitor, nameless
