"""The same events whatever the files: seeds, splits, parts of a period, and files in the making."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from ecom_platform.generator import (
    FaultPlan,
    GenerationFailed,
    GeneratorConfig,
    GeneratorError,
    LateRows,
    generate,
)
from ecom_platform.generator.lines import LineAssembler
from ecom_platform_tests.generator.recount import lines_of

START, END = dt.date(2020, 4, 29), dt.date(2020, 5, 1)
CONFIG = GeneratorConfig(START, END, rows=6_000, compression="none")


def written(config: GeneratorConfig, folder: Path) -> dict[str, list[bytes]]:
    report = generate(config, folder)
    return {file.name: lines_of(folder / file.name) for file in report.files}


def all_lines(files: dict[str, list[bytes]]) -> list[bytes]:
    return [line for lines in files.values() for line in lines]


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    config = replace(CONFIG, compression="gz")
    for folder in ("one", "two"):
        generate(config, tmp_path / folder)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_another_seed_gives_other_events(tmp_path: Path) -> None:
    one = all_lines(written(CONFIG, tmp_path))
    two = all_lines(written(replace(CONFIG, seed=43), tmp_path))
    assert not set(one) & set(two)


@pytest.mark.parametrize("split", ["day", "hour"])
def test_however_files_are_split_they_hold_the_same_lines_in_the_same_order(
    split: str, tmp_path: Path
) -> None:
    months = written(CONFIG, tmp_path / "months")
    parts = written(replace(CONFIG, split=split), tmp_path / "parts")
    assert list(months) == ["2020-Apr.csv", "2020-May.csv"]
    assert len(parts) == (3 if split == "day" else 72)
    assert all_lines(parts) == all_lines(months)


def test_compression_changes_no_line(tmp_path: Path) -> None:
    plain = all_lines(written(CONFIG, tmp_path))
    assert all_lines(written(replace(CONFIG, compression="gz"), tmp_path)) == plain


def test_one_hour_made_alone_is_that_hour_of_the_whole(tmp_path: Path) -> None:
    whole = written(replace(CONFIG, split="hour"), tmp_path / "whole")
    alone = replace(CONFIG, split="hour", dates=(dt.date(2020, 4, 30),), hours=(13,))
    assert written(alone, tmp_path / "alone") == {
        "events_2020-04-30T13.csv": whole["events_2020-04-30T13.csv"]
    }
    assert len(whole["events_2020-04-30T13.csv"]) > 50


def test_one_date_made_alone_is_that_date_of_the_whole(tmp_path: Path) -> None:
    whole = written(replace(CONFIG, split="day"), tmp_path / "whole")
    alone = written(replace(CONFIG, split="day", dates=(END,)), tmp_path / "alone")
    assert alone == {"events_2020-05-01.csv": whole["events_2020-05-01.csv"]}


def test_files_hold_their_own_dates_ascending_by_time(tmp_path: Path) -> None:
    for name, lines in written(replace(CONFIG, split="hour"), tmp_path).items():
        stamps = [line[:19].decode() for line in lines]
        assert stamps == sorted(stamps)
        assert {stamp[:13].replace(" ", "T") for stamp in stamps} <= {name[7:20]}


def test_sessions_run_past_midnight(tmp_path: Path) -> None:
    files = written(replace(CONFIG, split="day", rows=120_000), tmp_path)
    sessions = [{line.rsplit(b",", 1)[1] for line in lines} for lines in files.values()]
    assert sessions[0] & sessions[1]


def test_a_second_run_replaces_the_files_of_the_first(tmp_path: Path) -> None:
    generate(replace(CONFIG, seed=1), tmp_path)
    again = all_lines(written(CONFIG, tmp_path))
    assert again == all_lines(written(CONFIG, tmp_path / "fresh"))


def test_no_unfinished_name_is_left_behind(tmp_path: Path) -> None:
    report = generate(CONFIG, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {file.name for file in report.files}


def test_an_interrupted_run_leaves_finished_files_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = Counter()
    lines = LineAssembler.lines

    def full_disk(self, events, rows=None):
        calls["lines"] += 1
        if calls["lines"] > 30:
            assert (tmp_path / ".events_2020-04-30.csv.part").exists()
            raise OSError(28, "No space left on device")
        return lines(self, events, rows)

    monkeypatch.setattr(LineAssembler, "lines", full_disk)
    with pytest.raises(GenerationFailed, match="No space left on device"):
        generate(replace(CONFIG, split="day"), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["events_2020-04-29.csv"]


def test_progress_ends_with_what_was_written(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    report = generate(CONFIG, tmp_path, lambda done, total: seen.append((done, total)))
    assert len(seen) == 72
    assert seen == sorted(seen)
    assert seen[-1] == (report.raw, CONFIG.rows)


def test_late_rows_are_missing_from_their_day_and_nothing_else_changes(tmp_path: Path) -> None:
    config = replace(CONFIG, split="day")
    on_time = written(config, tmp_path / "on_time")
    faults = FaultPlan(late=(LateRows(START, 0.25),))
    late = written(replace(config, faults=faults), tmp_path / "late")
    held_back = late.pop("events_2020-04-29_late.csv")
    whole = on_time["events_2020-04-29.csv"]
    assert len(held_back) == pytest.approx(0.25 * len(whole), rel=0.2)
    assert Counter(held_back) + Counter(late["events_2020-04-29.csv"]) == Counter(whole)
    assert late["events_2020-04-30.csv"] == on_time["events_2020-04-30.csv"]


def test_a_file_that_is_not_written_cannot_be_repeated(tmp_path: Path) -> None:
    config = replace(CONFIG, faults=FaultPlan(repeated_files=("2020-Mar.csv",)))
    with pytest.raises(GeneratorError, match=r"2020-Mar\.csv.*2020-Apr\.csv"):
        generate(config, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(GeneratorError, match=r"cannot write to .*file"):
        generate(CONFIG, tmp_path / "file")


@pytest.mark.parametrize("rows", [1, 40])
def test_tiny_volumes_are_fine(rows: int, tmp_path: Path) -> None:
    report = generate(replace(CONFIG, rows=rows, faults=FaultPlan(malformed_lines=20)), tmp_path)
    lines = sum(len(lines_of(tmp_path / file.name)) for file in report.files)
    assert report.lines == lines < 3 * rows + 20
