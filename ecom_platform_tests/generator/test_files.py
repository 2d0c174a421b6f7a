"""Names of files, files in the making, and files that are damaged on purpose."""

from __future__ import annotations

import datetime as dt
import gzip
import zlib
from pathlib import Path

import pytest

from ecom_platform.generator import FaultPlan, GeneratorConfig, LateRows
from ecom_platform.generator.files import EventFile, planned_files, repeated_name, stem_of
from ecom_platform_tests.generator.conftest import Generated
from ecom_platform_tests.generator.recount import HEADER, lines_of


@pytest.mark.parametrize(
    ("split", "stem"),
    [
        ("month", "2019-Oct"),
        ("day", "events_2019-10-05"),
        ("hour", "events_2019-10-05T07"),
    ],
)
def test_files_are_named_after_what_they_hold(split: str, stem: str) -> None:
    assert stem_of(split, dt.date(2019, 10, 5), 7) == stem


def test_planned_files_are_those_that_are_written(faulty: Generated) -> None:
    names = {file.name for file in faulty.report.files if file.kind in ("events", "late")}
    assert set(planned_files(faulty.config)) == names


def test_a_part_of_a_month_is_one_file() -> None:
    start, end = dt.date(2020, 4, 10), dt.date(2020, 4, 20)
    config = GeneratorConfig(start, end, 10, faults=FaultPlan(late=(LateRows(start, 0.5),)))
    assert planned_files(config) == ["2020-Apr.csv.gz", "events_2020-04-10_late.csv.gz"]


def test_the_name_of_a_repetition_keeps_its_ending() -> None:
    assert repeated_name("2020-Apr.csv.gz") == "2020-Apr_repeated.csv.gz"


def test_a_file_has_its_name_only_when_finished(tmp_path: Path) -> None:
    file = EventFile(tmp_path, "events.csv.gz")
    file.write(b"x\n")
    assert [path.name for path in tmp_path.iterdir()] == [".events.csv.gz.part"]
    file.finish()
    assert [path.name for path in tmp_path.iterdir()] == ["events.csv.gz"]
    assert gzip.decompress((tmp_path / "events.csv.gz").read_bytes()) == HEADER + b"\nx\n"


def test_a_discarded_file_leaves_its_predecessor(tmp_path: Path) -> None:
    (tmp_path / "events.csv").write_text("before")
    file = EventFile(tmp_path, "events.csv")
    file.write(b"x\n")
    file.discard()
    assert [path.read_text() for path in tmp_path.iterdir()] == ["before"]


def test_a_repeated_file_has_the_same_bytes(faulty: Generated) -> None:
    first = faulty.folder / "events_2020-04-18.csv.gz"
    copy = faulty.folder / "events_2020-04-18_repeated.csv.gz"
    assert copy.read_bytes() == first.read_bytes()


def test_a_truncated_file_breaks_off_in_its_gzip_stream(faulty: Generated) -> None:
    data = (faulty.folder / "events_2020-04-22_truncated.csv.gz").read_bytes()
    with pytest.raises(EOFError):
        gzip.decompress(data)
    readable = zlib.decompressobj(wbits=31).decompress(data)
    assert readable.startswith(HEADER)
    assert readable.count(b"\n") > 1_000


def test_rows_of_a_truncated_file_occur_nowhere_else(faulty: Generated) -> None:
    data = (faulty.folder / "events_2020-04-22_truncated.csv.gz").read_bytes()
    cut = zlib.decompressobj(wbits=31).decompress(data).split(b"\n")[1:-1]
    elsewhere = {line for path in faulty.readable for line in lines_of(path)}
    assert cut
    assert not elsewhere & set(cut)


def test_late_files_hold_rows_of_their_date_alone(faulty: Generated) -> None:
    late = [file for file in faulty.report.files if file.kind == "late"]
    assert [file.name for file in late] == [
        "events_2020-04-19_late.csv.gz",
        "events_2020-04-21_late.csv.gz",
    ]
    for file in late:
        lines = lines_of(faulty.folder / file.name)
        assert {line[:10].decode() for line in lines} == {file.name[7:17]}
