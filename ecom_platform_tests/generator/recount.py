"""Counting files again, from their bytes alone: gzip and regular expressions, no generator code.

Belongs here: what a platform must find in a folder of files. Not here: assertions.
"""

from __future__ import annotations

import datetime as dt
import gzip
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

HEADER = (
    b"event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session"
)
START_DATE = b"2019-10-01"
EVENT = re.compile(
    rb"(20[12]\d-\d\d-\d\d) (?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d UTC,([a-z]+),\d{7,8},\d{19},"
    rb"[a-z._]*,[a-z]*,(-?\d+\.\d\d),\d{9},"
    rb"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})?"
)


@dataclass
class Recount:
    """What the files of a folder hold, by date where a line is an event."""

    lines: int = 0
    malformed: list[bytes] = field(default_factory=list)
    raw: Counter[dt.date] = field(default_factory=Counter)
    duplicates: Counter[dt.date] = field(default_factory=Counter)
    rejected: defaultdict[dt.date, Counter[str]] = field(
        default_factory=lambda: defaultdict(Counter)
    )
    fact: Counter[dt.date] = field(default_factory=Counter)


def lines_of(path: Path) -> list[bytes]:
    """Lines of a file below its header."""
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    header, *lines = data.split(b"\n")
    assert header == HEADER
    assert lines.pop() == b"", "the last line has its line break"
    return lines


def recount(paths: Iterable[Path]) -> Recount:
    """Count all files, as one delivery."""
    found, seen = Recount(), set()
    for path in paths:
        for line in lines_of(path):
            found.lines += 1
            event = EVENT.fullmatch(line)
            if event is None or event[1] < START_DATE:
                found.malformed.append(line)
                continue
            day = dt.date.fromisoformat(event[1].decode())
            found.raw[day] += 1
            if hash(line) in seen:
                found.duplicates[day] += 1
                continue
            seen.add(hash(line))
            reason = _broken_rule(event)
            if reason:
                found.rejected[day][reason] += 1
            else:
                found.fact[day] += 1
    return found


def _broken_rule(event: re.Match[bytes]) -> str | None:
    if event[4] is None:
        return "null_user_session"
    if event[2] not in (b"view", b"cart", b"remove_from_cart", b"purchase"):
        return "unknown_event_type"
    return "price_not_positive" if float(event[3]) <= 0 else None
