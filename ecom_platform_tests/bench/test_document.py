"""The document shows every contender: those that ran, failed or were skipped."""

from __future__ import annotations

from bench.document import render, summary
from bench.measuring import Measurement, Stage
from bench.platform_run import MARTS
from bench.results import HourlyRun, MartsRuns, Report, Result
from bench.scripts.stopwatch import CLEAN_FACT
from bench.tables import markdown_table


def test_a_table_is_aligned_and_numbers_stand_to_the_right() -> None:
    assert markdown_table(["what", "s"], [["raw", "1.0"], ["a", "20.0"]]) == (
        "| what |    s |\n|------|-----:|\n| raw  |  1.0 |\n| a    | 20.0 |"
    )


def test_stages_are_summed_by_group_and_compared_with_the_fastest_script() -> None:
    rows = table_of(summary(report()))
    assert rows["landing → raw"] == ["–", "4.0 s · 1.00 GB", "–", "–", "3.0 s · 2.00 GB"]
    assert rows["**total**"] == [
        "**2.0 s**",
        "**10.0 s**",
        "**failed**",
        "**skipped**",
        "**8.0 s**",
    ]
    assert rows["ratio to the fastest script"] == ["0.20", "1.00", "–", "–", "0.80"]
    assert rows["start and all else"] == ["–", "6.0 s", "–", "–", "2.0 s"]
    assert rows["checks"][-1] == "3.0 s · 2.50 GB"


def test_contenders_of_other_sizes_are_compared_by_the_row() -> None:
    small = script("spark", "JVM Spark script", seconds=10.0, rows=500_000)
    compared = Report("", 1_000_000, 1, 1, "", [report().results[1], small])
    rows = table_of(summary(compared))
    assert rows["rows"] == ["1,000,000", "500,000"]
    assert rows["ratio to the fastest script"] == ["1.00", "2.00"]


def test_it_is_said_where_the_platform_takes_longer_than_the_fastest_script() -> None:
    quick, platform = report().results[1], report().results[4]
    assert platform.measured is not None
    assert "longer than" not in summary(Report("", 1_000_000, 1, 1, "", [quick, platform]))
    platform.measured.seconds = 15.0
    text = summary(Report("", 1_000_000, 1, 1, "", [quick, platform]))
    parts = "landing → raw -1.0 s, clean, rejected, fact +0.0 s, checks +3.0 s, dimensions +0.0 s"
    assert f"takes 5.0 s longer than that script ({parts}, start and all else +3.0 s)." in text


def test_processor_time_is_compared_too() -> None:
    busy, idle = report().results[1], report().results[4]
    assert busy.measured is not None
    assert idle.measured is not None
    busy.measured.cpu_seconds, idle.measured.cpu_seconds = 4.0, 10.0
    rows = table_of(summary(Report("", 1_000_000, 1, 1, "", [busy, idle])))
    assert rows["the same in processor time"] == ["1.00", "2.50"]


def test_a_machine_that_was_not_quiet_is_not_kept_secret() -> None:
    quiet = report()
    assert "not quiet" not in summary(quiet)
    script_run = quiet.results[1].measured
    assert script_run is not None
    script_run.others_cores = 0.8
    text = summary(quiet)
    assert "**The machine was not quiet** while these ran: DuckDB script." in text
    assert table_of(text)["cores busy with others"][1] == "0.80"


def test_failed_and_skipped_contenders_are_named_with_their_reason() -> None:
    text = summary(report())
    assert "- Polars script failed: exit code 1:\n  out of memory" in text
    assert "- JVM Spark script skipped: no Java on the PATH" in text


def test_a_contender_without_dimensions_is_not_shown_as_if_it_had_done_all() -> None:
    assert "- ecom_platform built no dimensions" in summary(report())


def test_disagreements_stand_in_the_summary() -> None:
    differing = report()
    differing.disagreements = ["Polars script counts 1 raw, expected are 2"]
    assert "**These counts differ**: Polars script counts 1 raw, expected are 2" in summary(
        differing
    )


def test_latencies_and_hourly_runs_are_shown() -> None:
    text = summary(report())
    assert "first block of the file: 1.5 s" in text
    assert "with all marts: 4.2 s" in text
    assert "| 22 hours present | " in text


def test_the_cost_of_the_same_hour_in_several_lakes_is_shown() -> None:
    flat = report()
    flat.flatness = [HourlyRun("a lake of 30 days", 90_000, 0, Measurement(seconds=6.0))]
    text = summary(flat)
    assert "## Cost follows the new data" in text
    assert "| a lake of 30 days " in text
    flat.flatness_failure = "exit code 1"
    assert "Failed: exit code 1" in summary(flat)
    assert not flat.succeeded


def test_an_hourly_run_that_failed_is_not_hidden() -> None:
    failed = report()
    failed.hourly, failed.hourly_failure = [], "exit code 1"
    assert "Failed: exit code 1" in summary(failed)
    assert not failed.succeeded


def test_the_document_says_with_what_it_was_measured() -> None:
    text = render(report(), {"processor": "Abacus", "cores": "2"}, {"Python": "3.11.9"})
    assert text.startswith("# Benchmarks\n\nWritten by `make bench`; do not edit.")
    told = text[text.index("## Measured with") :]
    for fact in ("- processor: Abacus", "- cores: 2", "2020-05-01 10:00 UTC", "Python 3.11.9"):
        assert fact in told
    assert "- command: `python -m bench --publish`" in told
    assert text.endswith("\n")


def test_what_did_not_run_is_kept_with_the_run_that_it_is_from() -> None:
    older = flat_report("2020-04-01 10:00 UTC", "a lake of 30 days")
    first = render(older, {"processor": "Abacus"}, {})
    both = render(report(), {"processor": "Babbage"}, {}, first)
    assert "| a lake of 30 days " in both
    assert "| 22 hours present | " in both
    kept = both[both.index("## Cost follows") : both.index("## What each does")]
    assert kept.rstrip().endswith("*Run of 2020-04-01 10:00 UTC*")
    runs = both[both.index("## Measured with") :]
    assert runs.index("Abacus") > runs.index("### Run of 2020-04-01 10:00 UTC")
    assert runs.index("Babbage") > runs.index("### Run of 2020-05-01 10:00 UTC")
    assert [both.count(f"\n## {heading}\n") for heading in ("The month", "What each does")] == [
        1,
        1,
    ]
    # Measured anew, nothing of the older run is left.
    newest = render(flat_report("2020-06-01 10:00 UTC", "a lake of 7 days"), {}, {}, both)
    assert "2020-04-01" not in newest
    assert "| a lake of 7 days " in newest
    assert "| 22 hours present | " in newest


def test_words_of_people_are_kept_too() -> None:
    by_hand = "# Benchmarks\n\n## Cost follows the new data\n\nMeasured by itself, last year.\n"
    assert "Measured by itself, last year." in render(report(), {}, {}, by_hand)


def test_marts_are_shown_beside_what_they_are_built_from() -> None:
    day = [
        Stage("start", "start", 9.0, 9),
        Stage("fact_user_events", CLEAN_FACT, 4.0, 2_000_000_000, 8.0),
        Stage("mart_sales", MARTS, 1.0, 1_000_000_000, 1.5),
        Stage("mart_prices", MARTS, 1.0, 1_500_000_000, 1.0),
        Stage("mart_sales_checks", "checks", 0.5, 1_000_000_000, 0.5),
    ]
    of_month = Stage("mart_sales", MARTS, 20.0, 1_000_000_000, 30.0)
    measured = report()
    measured.marts = MartsRuns(
        Measurement(), Measurement(stages=[of_month]), Measurement(stages=day), 60_000, 2_000
    )
    text = summary(measured)
    rows = table_of(text[text.index("## The marts") :])
    assert rows["`mart_sales`"] == ["20.0", "30.0", "1.00 GB", "1.0", "1.5", "1.00 GB"]
    assert rows["`mart_prices`"] == ["–", "–", "–", "1.0", "1.0", "1.50 GB"]
    assert rows["**marts by date**"] == ["20.0", "30.0", "1.00 GB", "2.0", "2.5", "1.50 GB"]
    assert rows["**marts by date: checks**"][3:] == ["0.5", "0.5", "1.00 GB"]
    assert rows["**clean, rejected, fact**"][3:] == ["4.0", "8.0", "2.00 GB"]
    assert "`start`" not in rows
    answer = "All marts of the date take 2.0 s (2.5 processor seconds), its way from landing to"
    assert f"{answer} the fact 4.0 s (8.0)" in text
    assert "0.50 times as long, and 0.31 times in processor time" in text


def test_marts_are_not_compared_with_events_that_were_not_measured() -> None:
    measured = report()
    day = [Stage("mart_sales", MARTS, 1.0, 1_000_000_000, 1.5)]
    measured.marts = MartsRuns(Measurement(), Measurement(), Measurement(stages=day), 60_000, 2_000)
    assert "cannot be compared" in summary(measured)


def test_marts_that_failed_are_not_hidden() -> None:
    failed = report()
    failed.marts_failure = "exit code 1"
    assert "Failed: exit code 1" in summary(failed)
    assert not failed.succeeded


def flat_report(started: str, label: str) -> Report:
    flat = Report("python -m bench --only flatness", 1, 1, 1, started)
    flat.flatness = [HourlyRun(label, 90_000, 0, Measurement(seconds=6.0))]
    return flat


def report() -> Report:
    platform = Measurement(
        seconds=8.0,
        peak_bytes=2_500_000_000,
        stages=[
            Stage("raw_events", "raw", 3.0, 2_000_000_000),
            Stage("raw_events_checks", "checks", 1.0, 1_000_000_000),
            Stage("fact_user_events_checks", "checks", 2.0, 2_500_000_000),
        ],
        facts={"first_work_at": 1.5},
    )
    return Report(
        command="python -m bench --publish",
        rows=1_000_000,
        days=1,
        source_bytes=50_000_000,
        started="2020-05-01 10:00 UTC",
        results=[
            Result("gzip", "gzip -dc", "ok", "", 1_000_000, Measurement(seconds=2.0)),
            script("duckdb", "DuckDB script", seconds=10.0, rows=1_000_000),
            Result(
                "polars",
                "Polars script",
                "failed",
                "exit code 1:\nout of memory",
                1_000_000,
                Measurement(seconds=1.0, failure="exit code 1:\nout of memory"),
                is_script=True,
            ),
            Result("spark", "JVM Spark script", "skipped", "no Java on the PATH", is_script=True),
            Result("ecom", "ecom_platform", "ok", "", 1_000_000, platform),
        ],
        noop=Measurement(seconds=4.2),
        hourly=[HourlyRun("22 hours present", 90_000, 22, Measurement(seconds=6.0))],
    )


def script(name: str, label: str, seconds: float, rows: int) -> Result:
    stages = [Stage("raw", "raw", 4.0, 1_000_000_000)]
    measured = Measurement(seconds=seconds, peak_bytes=1_000_000_000, stages=stages)
    return Result(name, label, "ok", "", rows, measured, is_script=True)


def table_of(text: str) -> dict[str, list[str]]:
    """Cells of the first table, by the text of the first column."""
    lines = text[text.index("|") :].split("\n\n")[0].splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {first: others for first, *others in cells}
