"""The report against a recount of the written bytes, to the row."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from pathlib import Path

import pytest

from ecom_platform.generator import demo_plan, generate
from ecom_platform_tests.generator.conftest import Generated
from ecom_platform_tests.generator.recount import Recount, lines_of, recount


def assert_exact(generated: Generated, found: Recount) -> None:
    report = generated.report
    assert report.lines == found.lines
    assert report.malformed == len(found.malformed) == sum(report.rejected("raw").values())
    assert {day.event_date: day.raw for day in report.dates} == found.raw
    assert Counter({day.event_date: day.duplicates for day in report.dates}) == found.duplicates
    assert {day.event_date: day.fact for day in report.dates} == found.fact
    for day in report.dates:
        assert Counter(day.rejected) == found.rejected[day.event_date]
    assert report.fact == report.lines - report.malformed - report.duplicates - sum(
        report.rejected("clean").values()
    )


def test_a_month_without_faults_is_reported_exactly(month: Generated) -> None:
    found = recount(month.readable)
    assert_exact(month, found)
    assert month.report.duplicates > 300
    assert month.report.rejected("clean")["null_user_session"] == 2
    assert not found.malformed


def test_every_fault_is_reported_exactly(faulty: Generated) -> None:
    found = recount(faulty.readable)
    assert_exact(faulty, found)
    assert set(faulty.report.rejected("clean")) == {
        "null_user_session",
        "price_not_positive",
        "unknown_event_type",
    }


def test_the_demo_is_reported_exactly(tmp_path: Path) -> None:
    demo = Generated(demo_plan(), tmp_path, generate(demo_plan(), tmp_path))
    assert_exact(demo, recount(demo.readable))
    assert demo.report.raw == pytest.approx(1_000_000, rel=0.02)
    assert [file.kind for file in demo.report.files] == ["events", "late", "truncated", "repeated"]
    assert demo.report.files[0].name == "2020-Apr.csv.gz"
    assert min(demo.report.rejected("raw").values()) >= 5
    assert demo.report.rejected("clean")["null_user_session"] >= 2
    assert [lost.event_date.day for lost in demo.report.lost] == [20, 21]


def test_each_file_is_reported(faulty: Generated) -> None:
    for file in faulty.report.files:
        path = faulty.folder / file.name
        assert file.bytes == path.stat().st_size
        if file.kind == "truncated":
            assert file.rows == 0 < file.lines
        else:
            assert file.lines == len(lines_of(path))
            assert file.malformed == len(recount([path]).malformed)
            assert file.rows == file.lines - file.malformed


def test_repeated_files_count_as_duplicates_and_their_malformed_lines_again(
    faulty: Generated,
) -> None:
    files = {file.name: file for file in faulty.report.files}
    first, copy = files["events_2020-04-18.csv.gz"], files["events_2020-04-18_repeated.csv.gz"]
    assert copy.kind == "repeated"
    assert (copy.lines, copy.malformed) == (first.lines, first.malformed)
    assert copy.malformed > 0
    assert faulty.report.on(dt.date(2020, 4, 18)).repeated_duplicates == copy.rows


def test_dates_of_injected_lines_are_those_the_platform_can_tell(faulty: Generated) -> None:
    dated = {each.reason for each in faulty.report.injected if each.event_date}
    undated = {each.reason for each in faulty.report.injected if not each.event_date}
    assert not dated & undated
    assert undated == {
        "field_count",
        "bad_event_time",
        "date_out_of_range",
        "encoding",
        "unclosed_quote",
        "nul_byte",
    }


def test_a_date_that_was_not_written_is_not_reported(faulty: Generated) -> None:
    with pytest.raises(KeyError):
        faulty.report.on(dt.date(2020, 5, 1))


def test_the_json_holds_all_numbers(faulty: Generated, tmp_path: Path) -> None:
    faulty.report.write_json(tmp_path / "new" / "report.json")
    content = json.loads((tmp_path / "new" / "report.json").read_text())
    assert content["total"]["fact"] == faulty.report.fact
    assert content["total"]["rejected_raw"] == faulty.report.rejected("raw")
    assert content["dates"][0]["event_date"] == "2020-04-18"
    assert sum(day["raw"] for day in content["dates"]) == content["total"]["raw"]
    assert {file["name"] for file in content["files"]} == {
        path.name for path in faulty.folder.iterdir()
    }
