"""The bench in small: contenders run, agree, and are shown to disagree when they do.

Belongs here: whole calls of the bench. Not here: measuring one program, rendering.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from bench import contenders, session
from bench.__main__ import main
from bench.measuring import Measurement
from bench.options import Options, read_options
from bench.results import Report
from bench.scripts.stopwatch import CHECKS, CLEAN_FACT, DIMS, RAW
from bench.session import NotEnoughDisk, run_bench
from ecom_platform.contracts.marts import MART_PARTIALS, MARTS

ROWS, DAYS = 20_000, 2


def test_the_duckdb_script_counts_what_the_generator_says(tmp_path: Path) -> None:
    assert_script_agrees(run_bench(options(tmp_path, "duckdb")))


def test_the_polars_script_agrees_with_the_duckdb_script(tmp_path: Path) -> None:
    if importlib.util.find_spec("polars") is None:
        pytest.skip("polars is not installed: pip install -e '.[bench]'")
    report = run_bench(options(tmp_path, "duckdb", "polars"))
    assert_script_agrees(report)
    first, second = (result.measured for result in report.results)
    assert first is not None
    assert second is not None
    assert first.counts == second.counts


@pytest.mark.slow
def test_the_platform_agrees_with_the_duckdb_script(tmp_path: Path) -> None:
    report = run_bench(options(tmp_path, "duckdb", "ecom"))
    assert report.disagreements == []
    script, platform = report.results
    assert platform.status == "ok", platform.reason
    assert platform.measured is not None
    assert script.measured is not None
    assert platform.measured.counts == script.measured.counts
    assert all(platform.seconds_of(group) > 0 for group in (RAW, CLEAN_FACT, CHECKS))
    assert 0 < platform.measured.facts["first_work_at"] < platform.measured.seconds
    assert report.noop is not None


@pytest.mark.slow
def test_marts_are_measured_for_the_month_and_for_one_more_date(tmp_path: Path) -> None:
    report = run_bench(options(tmp_path, "marts"))
    assert report.succeeded, report.marts_failure
    assert report.marts is not None
    names = {contract.name for contract in (*MART_PARTIALS, *MARTS)}
    names |= {f"{name}_checks" for name in names}
    assert names <= {stage.name for stage in report.marts.marts.stages}
    names |= {"fact_user_events", "session_days", "dim_users"}
    assert names <= {stage.name for stage in report.marts.date.stages}
    assert report.marts.date_rows == pytest.approx(report.marts.month_rows / DAYS, rel=0.2)


def test_nothing_is_left_of_a_run_but_logs_and_what_is_kept(tmp_path: Path) -> None:
    run_bench(options(tmp_path, "gzip", keep=True))
    assert {path.name for path in tmp_path.iterdir()} == {"input", "logs"}
    run_bench(options(tmp_path, "gzip", keep=False))
    assert {path.name for path in tmp_path.iterdir()} == {"logs"}


def test_a_contender_that_counts_otherwise_than_the_generator_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contenders, "run_script", counting(raw=1, duplicates=0, rejected=0, fact=1))
    report = run_bench(options(tmp_path, "duckdb"))
    assert report.results[0].status == "failed"
    assert any(text.startswith("DuckDB script counts 1 raw") for text in report.disagreements)
    assert not report.succeeded


def test_contenders_that_differ_only_beyond_the_generator_are_found_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run_script(name: str, month: object, *_: object) -> Measurement:
        users = {"duckdb": 5, "polars": 6}[name]
        return Measurement(seconds=1.0, counts={**month.expected, "users": users})  # type: ignore[attr-defined]

    monkeypatch.setattr(contenders, "run_script", run_script)
    monkeypatch.setattr(contenders, "reason_to_skip", lambda _name: None)
    report = run_bench(options(tmp_path, "duckdb", "polars"))
    assert report.disagreements == [
        "Polars script (beside DuckDB script) counts 6 users, expected are 5"
    ]
    assert not report.succeeded


def test_a_disagreement_is_told_loudly_and_publishes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(contenders, "run_script", counting(raw=1))
    document = tmp_path / "benchmarks.md"
    monkeypatch.setattr("bench.__main__.DOCUMENT", document)
    arguments = ["--rows", "2000", "--only", "duckdb", "--dir", str(tmp_path), "--publish"]
    assert main(arguments) == 1
    assert "DISAGREEMENT: DuckDB script counts 1 raw" in capsys.readouterr().err
    assert not document.exists()


def test_publishing_writes_the_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = tmp_path / "benchmarks.md"
    monkeypatch.setattr("bench.__main__.DOCUMENT", document)
    assert (
        main(["--rows", "2000", "--only", "gzip", "--dir", str(tmp_path / "b"), "--publish"]) == 0
    )
    text = document.read_text(encoding="utf-8")
    assert text.startswith("# Benchmarks\n")
    assert "python -m bench --rows 2000 --only gzip" in text
    document.write_text(f"{text}\n## An hourly run\n\nOf yesterday.\n", encoding="utf-8")
    assert main(["--rows", "2000", "--only", "gzip", "--dir", str(tmp_path), "--publish"]) == 0
    assert "Of yesterday." in document.read_text(encoding="utf-8")


def test_a_script_that_breaks_off_is_failed_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = Measurement(seconds=1.0, failure="exit code 1:\nout of memory")
    monkeypatch.setattr(contenders, "run_script", lambda *_: broken)
    report = run_bench(options(tmp_path, "duckdb", "gzip"))
    assert [result.status for result in report.results] == ["failed", "ok"]
    assert "out of memory" in report.results[0].reason
    assert not report.succeeded


def test_spark_is_skipped_with_a_word_where_java_is_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contenders.shutil, "which", lambda _program: None)
    report = run_bench(options(tmp_path, "spark"))
    assert [(r.status, r.reason) for r in report.results] == [("skipped", "no Java on the PATH")]
    assert report.succeeded


def test_a_disk_that_is_too_full_is_found_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "_BYTES_A_ROW", 1 << 50)
    with pytest.raises(NotEnoughDisk, match="name another folder with --dir"):
        run_bench(options(tmp_path, "gzip"))
    assert list(tmp_path.iterdir()) == []


def options(folder: Path, *only: str, keep: bool = False) -> Options:
    arguments = ["--rows", str(ROWS), "--days", str(DAYS), "--only", ",".join(only)]
    arguments += ["--dir", str(folder), "--repeats", "1"]
    return read_options([*arguments, *(["--keep"] if keep else [])])


def counting(**counts: int) -> object:
    """A script that does nothing but count."""
    return lambda *_: Measurement(seconds=1.0, counts=counts)


def assert_script_agrees(report: Report) -> None:
    assert report.disagreements == []
    assert report.succeeded
    for result in report.results:
        assert result.status == "ok", result.reason
        assert all(result.seconds_of(group) > 0 for group in (RAW, CLEAN_FACT, CHECKS, DIMS))
        assert result.measured is not None
        assert result.measured.counts["users"] > 100
        assert result.measured.counts["duplicates"] > 0
