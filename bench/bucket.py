"""`python -m bench.bucket`: one day in a folder and in a bucket, with the requests of each stage.

Belongs here: the same day twice, seconds and requests side by side. Not here: months, contenders.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.contenders import Hear, Place, PlatformHome
from bench.machine import machine_in_a_line
from bench.measuring import Measurement
from bench.month import Month, make_month
from bench.options import ROWS_OF_A_DAY
from bench.platform_run import ORCHESTRATION, START
from bench.tables import markdown_table

_BUCKET, _PREFIX = "bench", "lake"
_KINDS = ("LIST", "GET", "HEAD", "PUT", "POST", "DELETE")
_STEPS = ("raw_events", "clean_events", "fact_user_events")
_REST = "partials and dimensions"


def main(arguments: Sequence[str]) -> int:
    """Measure, and print; exit code 1 if a run fails."""
    parser = argparse.ArgumentParser(prog="python -m bench.bucket", description=__doc__)
    parser.add_argument("--rows", type=int, default=round(ROWS_OF_A_DAY), help="events of the day")
    given = parser.parse_args(arguments)
    print(f"{machine_in_a_line()}\n")
    with tempfile.TemporaryDirectory(prefix="ecom-bench-bucket-") as scratch:
        folder = Path(scratch)
        day = make_month(folder / "input", given.rows, 1, lambda _done, _total: None)
        place = Place(folder / "work", folder / "logs", None)
        beside = _run(PlatformHome(folder / "folder"), day, place)
        with _server(folder / "server") as endpoint:
            in_bucket = _run(PlatformHome(folder / "direct"), day, place, "direct")
            asked: dict[str, Counter[str]] = {}
            with _counting(endpoint, asked) as hear:
                counted = _run(PlatformHome(folder / "counted"), day, place, "counted", hear)
    runs = (beside, in_bucket, counted)
    failures = [run.failure for run in runs if run.failure]
    print("\n".join(failures) if failures else _told(day, beside, in_bucket, asked))
    return 1 if failures else 0


def _ignore(_stage: str, _seconds: float) -> None:
    """Nobody listens."""


def _run(
    home: PlatformHome,
    day: Month,
    place: Place,
    prefix: str = "",
    hear: Hear = _ignore,
) -> Measurement:
    """One day from landing to the dimensions, with checks; in the bucket if there is a prefix."""
    home.make()
    lake = str(home.lake)
    if prefix:
        lake = f"s3://{_BUCKET}/{_PREFIX}-{prefix}"
        _put(day.path, f"{_PREFIX}-{prefix}/landing/events/{day.path.name}")
    else:
        home.land(day.path)
    date = day.first.isoformat()
    return home.run(["month", lake, date, date], place, prefix or "folder", hear)


def _put(path: Path, key: str) -> None:
    import boto3

    client = boto3.client("s3")
    client.upload_file(str(path), _BUCKET, key)


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    """A server on this machine, to which the environment leads all that is started here."""
    from ecom_platform.s3 import server

    running = server.start(folder, until_parent_ends=True)
    try:
        os.environ.update(running.environment(), AWS_ALLOW_HTTP="true")
        running.make_bucket(_BUCKET)
        yield running.endpoint
    finally:
        server.stop(folder)


@contextmanager
def _counting(endpoint: str, asked: dict[str, Counter[str]]) -> Iterator[Hear]:
    """Count requests, by the run that made them: all of them pass through here."""
    from ecom_platform_tests.s3_proxy import proxy_before

    with proxy_before(endpoint) as proxy:
        os.environ["AWS_ENDPOINT_URL"] = proxy.endpoint
        before: Counter[str] = Counter()

        def hear(stage: str, _seconds: float) -> None:
            # A run tells of its steps when it has ended, and of what is beside them at last.
            nonlocal before
            if stage.startswith(ORCHESTRATION):
                asked.setdefault(_row_of(stage), Counter()).update(proxy.counted - before)
                before = proxy.counted.copy()

        yield hear


def _told(
    day: Month, beside: Measurement, in_bucket: Measurement, asked: dict[str, Counter[str]]
) -> str:
    header = ["stage, with its checks", "folder, s", "bucket, s", *_KINDS]
    rows = [
        [name, _seconds(beside, name), _seconds(in_bucket, name), *_counts(asked[name])]
        for name in (*_STEPS, _REST)
    ]
    total = sum(asked.values(), Counter())
    rows.append(["**all**", f"{beside.seconds:.1f}", f"{in_bucket.seconds:.1f}", *_counts(total)])
    per_million = [f"{total[kind] / day.rows * 1e6:,.0f}" for kind in _KINDS]
    rows.append(["a million rows", "", "", *per_million])
    said = f"{day.rows:,} rows of one date; `all` includes the start of the process."
    return f"{said}\n\n{markdown_table(header, rows)}"


def _seconds(run: Measurement, name: str) -> str:
    stages = (stage for stage in run.stages if stage.name != START)
    return f"{sum(stage.seconds for stage in stages if _row_of(stage.name) == name):.1f}"


def _row_of(stage: str) -> str:
    """The row of the table that a step, its checks, or what is beside them belongs to."""
    table = stage.removesuffix("_checks").removeprefix(f"{ORCHESTRATION} of ")
    return table if table in _STEPS else _REST


def _counts(asked: Counter[str]) -> list[str]:
    return [f"{asked[kind]:,}" for kind in _KINDS]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
