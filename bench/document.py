"""docs/benchmarks.md: the tables, what they mean, and what they were measured with.

Belongs here: the words. Not here: numbers (tables.py), measuring.
"""

from __future__ import annotations

from collections.abc import Mapping

from bench import tables
from bench.contenders import ROOT
from bench.results import Report

# Cores that others may keep busy beside a contender: the system itself takes a few hundredths.
ALONE_BELOW = 0.2

DOCUMENT = ROOT / "docs" / "benchmarks.md"

_HEAD = (
    "# Benchmarks\n\n"
    "Written by `make bench`; do not edit. How fast the platform is, beside what one would write "
    "by hand for the same month, measured in one go on one machine. Speed is measured here and "
    "never asserted in a test."
)

_WORK = (
    "## What each does\n\n"
    "All read the same generated file in the REES46 format and must agree on raw rows, "
    "duplicates, rejected rows, facts, users, products and revenue to the cent; otherwise the "
    "bench fails and publishes nothing.\n\n"
    "- **gzip -dc** only decompresses, to nowhere.\n"
    "- **The scripts** (`bench/scripts/`) write typed raw Parquet by date with the number of each "
    "line, remove exact duplicates over the nine columns (the smallest line survives), split off "
    "rejected rows, give ids (the engine's own 64-bit hash), write clean and fact by date, check "
    "nulls, unique keys, ranges, accepted values and that counts reconcile, and build users and "
    "products. All Parquet is zstd. They read one file once: a malformed line, a second file, "
    "late data or a second run are beyond them.\n"
    "- **ecom_platform** is driven as `ecom run` does, asset by asset, each with its checks, "
    "recorded by a Dagster instance on SQLite. Beside the scripts' work it checks every line by "
    "rule and keeps those that are no event, records every object and its hash, measures staged "
    "rows before they become visible, counts duplicates a second time by other means, commits "
    "Iceberg snapshots, remembers what was built from what, looks at relations between events, "
    "and shows its checks date by date.\n\n"
    "Peak memory is the resident memory of the whole process tree, sampled every 50 ms; mapped "
    "pages of files count. Processor seconds are user and system time of the tree. `Start and all "
    "else` lies outside the stages: interpreter, imports, engine start, Dagster's own cost, the "
    "last counts. Cores busy with others say whether a contender had the machine to itself."
)


def render(report: Report, machine: Mapping[str, str], versions: Mapping[str, str]) -> str:
    """The whole document."""
    parts = [_HEAD, summary(report), _WORK]
    facts = {**machine, "date": report.started, "command": f"`{report.command}`"}
    facts["month"] = (
        f"{report.rows:,} rows, {report.days} dates, {report.source_bytes / 1e9:.2f} GB of CSV.gz"
    )
    parts.append("## Measured with\n\n" + "\n".join(f"- {k}: {v}" for k, v in facts.items()))
    parts.append(", ".join(f"{name} {version}" for name, version in versions.items()) + ".")
    return "\n\n".join(part.strip() for part in parts) + "\n"


def summary(report: Report) -> str:
    """What was found out, as on the terminal."""
    parts = []
    if report.results:
        parts += ["## The month", tables.comparison(report), *_remarks(report)]
    platform = next((r for r in report.results if r.name == "ecom" and r.measured), None)
    if platform and platform.measured and platform.measured.stages:
        measured = platform.measured
        parts += ["## ecom_platform, step by step", tables.platform_stages(measured.stages)]
        parts.append(
            "Each step is a run of its own here; `orchestration` is what a run takes beside its "
            "steps. A step of clean and fact includes its audit and its commit."
        )
        first = measured.facts.get("first_work_at")
        if first is not None:
            parts.append(f"- From the start to the first block of the file: {first:.1f} s.")
    if report.noop:
        parts.append(
            "- `ecom run` with nothing to do, in a lake of a few dates with all marts: "
            f"{_seconds_or_failure(report)}."
        )
    if report.hourly or report.hourly_failure:
        parts += ["## An hourly run", _hourly(report)]
    if report.flatness or report.flatness_failure:
        parts += ["## Cost follows the new data", _flatness(report)]
    return "\n\n".join(parts)


def _remarks(report: Report) -> list[str]:
    remarks = [f"- **These counts differ**: {text}." for text in report.disagreements]
    for result in report.results:
        if result.status != "ok":
            quoted = result.reason.strip().replace("\n", "\n  ")
            remarks.append(f"- {result.label} {result.status}: {quoted}")
        elif result.measured and result.measured.stages and not result.seconds_of("dims"):
            remarks.append(f"- {result.label} built no dimensions: its total lacks that work.")
    fastest = report.fastest_script
    if fastest:
        remarks.append(f"- The fastest script is that of {fastest.label.removesuffix(' script')}.")
    disturbed = [r.label for r in report.results if tables.others_cores(r) > ALONE_BELOW]
    if disturbed:
        remarks.append(
            f"- **The machine was not quiet** while these ran: {', '.join(disturbed)}. Their "
            "seconds, and ratios of seconds, say little; processor time is comparable."
        )
    return ["\n".join(remarks)] if remarks else []


def _seconds_or_failure(report: Report) -> str:
    assert report.noop is not None  # asked by summary
    if report.noop.failure:
        return f"failed, {report.noop.failure.splitlines()[-1]}"
    return f"{report.noop.seconds:.1f} s"


def _hourly(report: Report) -> str:
    if report.hourly_failure:
        return f"Failed: {report.hourly_failure}"
    words = (
        "One more hour of an open date, through the whole job with its checks. `run` is the run "
        "itself, `process` includes the start of Python, Dagster's definitions and the engine."
    )
    return f"{words}\n\n{tables.hourly_runs(report.hourly, 'the date before')}"


def _flatness(report: Report) -> str:
    if report.flatness_failure:
        return f"Failed: {report.flatness_failure}"
    words = (
        "The same events of one hour, through the whole job with its checks: as the first and as "
        "the last hour of a date, and in lakes of several sizes, whose past days are small."
    )
    return f"{words}\n\n{tables.hourly_runs(report.flatness, 'what lay there before')}"
