"""The same hour of events: moved to another hour of the date, and nothing else changed."""

from __future__ import annotations

import datetime as dt
import gzip
from pathlib import Path

import pytest

from bench.flatness import NewHour
from bench.month import make_history, make_hours
from bench.options import read_options

DATE = dt.date(2020, 4, 3)


def test_an_hour_is_moved_with_all_its_events(tmp_path: Path) -> None:
    files = make_hours(tmp_path, DATE, 200)
    path = sorted(files)[12]
    moved = NewHour(path, files[path], DATE).as_hour(23)
    before = gzip.decompress(path.read_bytes()).decode().splitlines()
    after = gzip.decompress(moved.read_bytes()).decode().splitlines()
    assert after[0] == before[0]
    assert len(after) == files[path] + 1
    start = "2020-04-03 23:"
    assert [line[len(start) :] for line in after] == [line[len(start) :] for line in before]
    assert all(line.startswith(start) for line in after[1:])


def test_history_has_its_dates_in_one_file(tmp_path: Path) -> None:
    file = make_history(tmp_path, DATE - dt.timedelta(days=2), DATE, 300)
    lines = gzip.decompress(file.read_bytes()).decode().splitlines()[1:]
    assert {line[:10] for line in lines} == {"2020-04-01", "2020-04-02", "2020-04-03"}


def test_lakes_of_flatness_are_named_on_the_command_line() -> None:
    assert read_options(["--history-days", "1,7"]).history_days == (1, 7)
    assert "flatness" not in read_options([]).only
    with pytest.raises(SystemExit):
        read_options(["--history-days", "0"])
