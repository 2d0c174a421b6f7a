"""Where malformed lines go: which kinds fall into which hour, and their place in its text.

Belongs here: spreading and splicing. Not here: what the lines look like (malformed.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ecom_platform.generator.lines import Text
from ecom_platform.generator.malformed import KINDS, Kind
from ecom_platform.generator.streams import Ints, Purpose, Stream
from ecom_platform.generator.timeline import HourOfEvents
from ecom_platform.generator.world import World, scatter


@dataclass(frozen=True)
class Injected:
    """A malformed line: its kind, the row that it follows and its text."""

    kind: Kind
    after_row: int
    line: bytes


def plan_malformed(world: World, lines: int) -> Mapping[int, list[Kind]]:
    """The kinds of malformed lines by hour: as many of each kind, busy hours have more."""
    stream = Stream(world.seed, Purpose.MALFORMED, world.salt)
    weights = [world.expected_rows(world.first_hour + hour) for hour in range(world.hours)]
    planned: dict[int, list[Kind]] = {}
    number = 0
    for hour, count in enumerate(scatter(stream, lines, weights)):
        if count:
            turn = range(number, number + count)
            planned[world.first_hour + hour] = [KINDS[place % len(KINDS)] for place in turn]
            number += count
    return planned


def inject(
    world: World, events: HourOfEvents, rows: Ints, text: Text, kinds: list[Kind]
) -> list[Injected]:
    """Make the malformed lines of an hour.

    Each is made of another row, one that no rule rejects: so exactly one rule rejects the line,
    and no two lines of a kind that is an event are alike. An hour with fewer such rows than
    planned lines gets fewer.

    Args:
        world: the plan.
        events: the hour.
        rows: rows of the hour that `text` holds.
        text: their lines.
        kinds: what to make.
    """
    if not kinds:
        return []
    is_good = (events.cents > 0) & (events.visitor < len(events.visitors)) & ~events.is_copy
    candidates = np.flatnonzero(is_good[rows])
    shuffled = np.argsort(world.stream(Purpose.MALFORMED, events.hour).words(len(candidates)))
    chosen = np.sort(candidates[shuffled[: len(kinds)]]).tolist()
    return [
        Injected(kind, row, kind.line(text.line(row)))
        for kind, row in zip(kinds, chosen, strict=False)
    ]


def spliced(text: Text, injected: Sequence[Injected]) -> Iterator[memoryview | bytes]:
    """The text in pieces, with the malformed lines after their rows."""
    begin = 0
    for each in injected:
        end = int(text.ends[each.after_row])
        yield text.data[begin:end]
        yield each.line + b"\n"
        begin = end
    yield text.data[begin:]
