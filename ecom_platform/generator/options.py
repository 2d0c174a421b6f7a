"""Choices written as text, as on a command line: periods, dates and faults.

Belongs here: reading them, with the remedy when they are misspelt. Not here: the options of the
command (cli/generate.py).
"""

from __future__ import annotations

import calendar
import datetime as dt

from ecom_platform.generator.config import FaultPlan, GeneratorError, LateRows, LostType

DEFAULT_MONTH = "2020-04"


def period(
    month: str | None, first: str | None, last: str | None, date: str | None
) -> tuple[dt.date, dt.date]:
    """First and last date of the period that --rows counts."""
    if month and (first or last):
        raise GeneratorError("--month and --from/--to both name the period; use one of them")
    if first or last:
        if not (first and last):
            raise GeneratorError("--from and --to belong together: name both dates")
        return to_date("--from", first), to_date("--to", last)
    if date and not month:
        return to_date("--date", date), to_date("--date", date)
    text = month or DEFAULT_MONTH
    try:
        start = dt.date.fromisoformat(f"{text}-01")
    except ValueError:
        raise GeneratorError(f"--month {text!r} is no month; write it like 2020-04") from None
    return start, start.replace(day=calendar.monthrange(start.year, start.month)[1])


def to_date(option: str, text: str) -> dt.date:
    """The date that an option names."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise GeneratorError(f"{option} {text!r} is no date; write it like 2020-04-01") from None


def fault_plan(
    malformed: int,
    lose: list[str] | None,
    late: list[str] | None,
    repeat: list[str] | None,
    truncate: list[str] | None,
) -> FaultPlan:
    """The plan of faults given as TYPE:DATE, DATE:SHARE, file names and dates."""
    lost = []
    for text in lose or []:
        event_type, _, day = text.partition(":")
        lost.append(LostType(event_type, to_date("--lose", day)))
    held_back = []
    for text in late or []:
        day, _, share = text.partition(":")
        try:
            held_back.append(LateRows(to_date("--late", day), float(share)))
        except ValueError:
            raise GeneratorError(
                f"--late {text!r} has no share; write it like 2020-04-10:0.05"
            ) from None
    return FaultPlan(
        malformed_lines=malformed,
        lost=tuple(lost),
        late=tuple(held_back),
        repeated_files=tuple(repeat or ()),
        truncated_dates=tuple(to_date("--truncate", text) for text in truncate or ()),
    )
