"""The command line of the bench: defaults that fit the size, and words for what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.month import make_hours, make_month
from bench.options import BY_DEFAULT, days_of, read_options


def test_a_small_month_is_repeated_and_a_large_one_is_not() -> None:
    assert read_options(["--rows", "2000000"]).repeats == 3
    assert read_options(["--rows", "66600000"]).repeats == 1
    assert read_options(["--rows", "66600000", "--repeats", "2"]).repeats == 2


def test_dates_are_as_dense_as_those_of_the_month() -> None:
    assert [days_of(rows) for rows in (20_000, 2_000_000, 6_700_000, 66_600_000)] == [1, 1, 3, 30]
    assert read_options(["--days", "5"]).days == 5


def test_everything_runs_by_default_and_spark_on_fewer_rows() -> None:
    chosen = read_options(["--rows", "66600000"])
    assert chosen.only == BY_DEFAULT
    assert chosen.spark_rows == 7_000_000
    assert read_options(["--rows", "20000"]).spark_rows == 20_000


def test_the_command_is_kept_for_the_record() -> None:
    assert read_options(["--rows", "5"]).command == "python -m bench --rows 5"


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--only", "duckdb,oracle"], "no such contender: oracle"),
        (["--keep"], "--keep needs --dir"),
    ],
)
def test_a_wrong_option_is_named(
    arguments: list[str], word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as refused:
        read_options(arguments)
    assert refused.value.code == 2
    assert word in capsys.readouterr().err


def test_a_month_that_lies_there_already_is_used_again(tmp_path: Path) -> None:
    calls: list[int] = []
    first = make_month(tmp_path, 2000, 2, lambda done, _total: calls.append(done))
    generated = len(calls)
    again = make_month(tmp_path, 2000, 2, lambda done, _total: calls.append(done))
    assert again == first
    assert len(calls) == generated > 0
    assert first.path.is_file()
    assert first.expected["raw"] == first.rows


def test_the_hours_of_a_date_come_in_a_file_each(tmp_path: Path) -> None:
    files = make_hours(tmp_path, make_month(tmp_path / "m", 100, 1, lambda *_: None).first, 50)
    assert len(files) == 24
    assert 900 < sum(files.values()) < 1500
    assert all(path.is_file() for path in files)
