"""What the bench is asked to do: its command line.

Belongs here: options and their defaults. Not here: anything that runs.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

CONTENDERS = ("gzip", "duckdb", "polars", "spark", "ecom", "marts", "hourly", "flatness")
# Filling a lake of a year takes longer than all else: only when asked for.
BY_DEFAULT = CONTENDERS[:-1]
ROWS_OF_A_MONTH = 66_600_000
ROWS_OF_A_DAY = ROWS_OF_A_MONTH / 30
ROWS_OF_AN_HOUR = round(ROWS_OF_A_DAY / 24)
DAYS_OF_THE_MONTH = 30
MOST_SPARK_ROWS = 7_000_000
# A run of a few seconds is repeated, because one of them says little.
FEW_ROWS = 5_000_000
REPEATS_OF_FEW_ROWS = 3


@dataclass(frozen=True)
class Options:
    """What to measure.

    Attributes:
        rows: about how many rows the month has.
        days: its dates, from 2020-04-01 on.
        spark_rows: rows of the smaller file that JVM Spark is given.
        hour_rows: rows of one hour of the open date.
        history_days: closed dates of the lakes in which the cost of an hour is compared.
        repeats: runs of each contender; the one of median seconds counts.
        only: contenders to run.
        folder: scratch folder; None for a temporary one.
        keep: whether the generated files stay in the folder and are used again.
        memory_limit: for engines that know one, e.g. `8GB`.
        publish: whether docs/benchmarks.md is written.
        command: the command line, for the record.
    """

    rows: int
    days: int
    spark_rows: int
    hour_rows: int
    history_days: tuple[int, ...]
    repeats: int
    only: tuple[str, ...]
    folder: Path | None
    keep: bool
    memory_limit: str | None
    publish: bool
    command: str


def read_options(arguments: Sequence[str]) -> Options:
    """Read the command line.

    Raises:
        SystemExit: an option is wrong (2), or help was asked for (0).
    """
    parser = _parser()
    given = parser.parse_args(arguments)
    only = tuple(given.only.split(","))
    unknown = sorted(set(only) - set(CONTENDERS))
    if unknown:
        parser.error(f"--only: no such contender: {', '.join(unknown)}")
    if given.keep and given.dir is None:
        parser.error("--keep needs --dir: a temporary folder is not found again")
    rows = given.rows
    return Options(
        rows=rows,
        days=given.days or days_of(rows),
        spark_rows=min(rows, given.spark_rows),
        hour_rows=given.hour_rows,
        history_days=_numbers(parser, given.history_days),
        repeats=given.repeats or (REPEATS_OF_FEW_ROWS if rows < FEW_ROWS else 1),
        only=only,
        folder=given.dir,
        keep=given.keep,
        memory_limit=given.memory_limit,
        publish=given.publish,
        command=" ".join(["python -m bench", *arguments]),
    )


def days_of(rows: int) -> int:
    """The dates that hold so many rows at the density of the month."""
    return min(max(round(rows / ROWS_OF_A_DAY), 1), DAYS_OF_THE_MONTH)


def _numbers(parser: argparse.ArgumentParser, text: str) -> tuple[int, ...]:
    numbers = text.split(",")
    if not all(number.isdecimal() and int(number) for number in numbers):
        parser.error(f"--history-days: {text!r} is no list of whole numbers above 0")
    return tuple(map(int, numbers))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="One generated month, from CSV.gz to the fact, by several means: seconds, "
        "peak memory, stage by stage. The month of the published table, --rows 66600000, takes "
        "about 25 minutes and 15 GB of disk.",
    )
    some = "some of: %(default)s, flatness"
    whole = "rows of the month, about [%(default)s]"
    parser.add_argument("--rows", type=int, default=2_000_000, help=whole)
    parser.add_argument("--days", type=int, help="its dates [as dense as the month of 66.6 M]")
    parser.add_argument(
        "--spark-rows", type=int, default=MOST_SPARK_ROWS, help="rows for JVM Spark [%(default)s]"
    )
    parser.add_argument(
        "--hour-rows", type=int, default=ROWS_OF_AN_HOUR, help="rows of an hour [%(default)s]"
    )
    parser.add_argument(
        "--history-days", default="1,30,365", help="lakes of flatness, in dates [%(default)s]"
    )
    parser.add_argument("--repeats", type=int, help="runs of each; the median counts [3 if small]")
    parser.add_argument("--only", default=",".join(BY_DEFAULT), help=some)
    parser.add_argument("--dir", type=Path, help="scratch folder [a temporary one]")
    parser.add_argument("--keep", action="store_true", help="keep the generated files in --dir")
    parser.add_argument("--memory-limit", help="for engines that know one, e.g. 8GB [none]")
    parser.add_argument("--publish", action="store_true", help="write docs/benchmarks.md")
    return parser
