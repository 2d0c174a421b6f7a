"""The generated files that contenders read: a month, a smaller one, the hours of an open date.

Belongs here: making them, and using them again. Not here: reading them.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ecom_platform.generator import GeneratorConfig, generate

FIRST_DATE = dt.date(2020, 4, 1)
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Month:
    """One generated file and what its generator says of it.

    Attributes:
        path: the CSV.gz.
        first, last: its dates.
        rows: its lines without the header.
        expected: raw, duplicates, rejected, fact, as the generator counted them.
    """

    path: Path
    first: dt.date
    last: dt.date
    rows: int
    expected: dict[str, int]


def make_month(folder: Path, rows: int, days: int, progress: Progress) -> Month:
    """Generate a month below a folder, unless the same lies there already."""
    place = folder / f"{rows}-rows-{days}-days"
    last = FIRST_DATE + dt.timedelta(days=days - 1)
    report = place / "report.json"
    if not report.is_file():
        shutil.rmtree(place, ignore_errors=True)
        config = GeneratorConfig(start=FIRST_DATE, end=last, rows=rows)
        generate(config, place, progress).write_json(report)
    told = json.loads(report.read_text(encoding="utf-8"))
    total = told["total"]
    return Month(
        path=place / told["files"][0]["name"],
        first=FIRST_DATE,
        last=last,
        rows=total["lines"],
        expected={
            "raw": total["raw"],
            "duplicates": total["natural_duplicates"] + total["repeated_duplicates"],
            "rejected": sum(total["rejected_clean"].values()),
            "fact": total["fact"],
        },
    )


def make_next_date(folder: Path, month: Month) -> tuple[Path, int]:
    """Generate the date after a month, as dense as it; the file and its rows."""
    days = (month.last - month.first).days + 1
    date = month.last + dt.timedelta(days=1)
    rows = round(month.rows / days * (days + 1))
    config = GeneratorConfig(start=month.first, end=date, rows=rows, split="day", dates=(date,))
    (file,) = generate(config, folder).files
    return folder / file.name, file.rows


def make_hours(folder: Path, date: dt.date, rows_of_an_hour: int) -> dict[Path, int]:
    """Generate the hours of one date, a file each; their rows."""
    rows = 24 * rows_of_an_hour
    report = generate(GeneratorConfig(start=date, end=date, rows=rows, split="hour"), folder)
    return {folder / file.name: file.rows for file in report.files}


def make_history(folder: Path, first: dt.date, last: dt.date, rows: int) -> Path:
    """Generate some dates in one file."""
    report = generate(GeneratorConfig(start=first, end=last, rows=rows), folder)
    return folder / report.files[0].name
