"""What was put back by hand and is not rebuilt, in lines for a terminal.

Belongs here: how holds are shown. Not here: putting back or releasing.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator

from rich.markup import escape

from ecom_platform.cli.terminal import OUT
from ecom_platform.cli.values import visible
from ecom_platform.lake.holds import Hold, describe
from ecom_platform.partitions import contiguous_ranges


def print_held(held: Iterable[Hold]) -> None:
    """Say what is held, why, and how it ends: a line for dates that were put back together."""
    together: dict[tuple[str, str, str, dt.datetime], list[Hold]] = defaultdict(list)
    for hold in held:
        together[hold.table_name, hold.reason, hold.held_by, hold.held_at].append(hold)
    for holds in together.values():
        for first, last in _spans(holds):
            message = escape(visible(describe(holds[0], first, last)))
            OUT.print(f"[yellow]Held:[/] {message}", highlight=False, soft_wrap=True)


def named_dates(dates: Iterable[dt.date | None]) -> str:
    """Dates in words, those that follow each other together."""
    ranges = contiguous_ranges(date for date in dates if date)
    named = [f"{a}" if a == b else f"{a}..{b}" for a, b in ranges]
    return ", ".join(named) or "the whole table"


def _spans(holds: Iterable[Hold]) -> Iterator[tuple[dt.date | None, dt.date | None]]:
    ranges = contiguous_ranges(hold.event_date for hold in holds if hold.event_date)
    if ranges:
        yield from ranges
    else:
        yield None, None
