"""docs/benchmarks.md: the tables, what they mean, and what they were measured with.

Belongs here: the words. Not here: numbers (tables.py), measuring.
"""

from __future__ import annotations

from collections.abc import Mapping

from bench import tables
from bench.contenders import ROOT
from bench.kept import MEASURED_WITH, joined, put_together
from bench.measuring import Measurement
from bench.results import Report, Result

# Cores that others may keep busy beside a contender: the system itself takes a few hundredths.
ALONE_BELOW = 0.2

DOCUMENT = ROOT / "docs" / "benchmarks.md"

_HEAD = (
    "# Benchmarks\n\n"
    "Written by `make bench`; do not edit. How fast the platform is, beside what one would write "
    "by hand for the same month, measured in one go on one machine. Each section names the run "
    "that it is from: what a run leaves out is kept from an earlier one. Speed is measured here "
    "and never asserted in a test."
)

_WORK = (
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


_MONTH, _STEPS, _MARTS = "The month", "ecom_platform, step by step", "The marts"
_HOURLY, _FLATNESS = "An hourly run", "Cost follows the new data"
_ORDER = (_MONTH, _STEPS, _MARTS, _HOURLY, _FLATNESS)


def render(
    report: Report, machine: Mapping[str, str], versions: Mapping[str, str], previous: str = ""
) -> str:
    """The whole document.

    Args:
        report: what was measured now.
        machine: with what it was measured.
        versions: of the programs that worked.
        previous: the document as it was; what was not measured now is kept from it.
    """
    facts = {**machine, "command": f"`{report.command}`"}
    facts["month"] = (
        f"{report.rows:,} rows, {report.days} dates, {report.source_bytes / 1e9:.2f} GB of CSV.gz"
    )
    facts["versions"] = ", ".join(f"{name} {version}" for name, version in versions.items())
    told = "\n".join(f"- {name}: {fact}" for name, fact in facts.items())
    run = f"Run of {report.started}"
    sections, runs = put_together(_sections(report), run, told, previous, _ORDER)
    sections |= {"What each does": _WORK, MEASURED_WITH: joined(runs, "### ")}
    return f"{_HEAD}\n\n{joined(sections, '## ')}\n"


def summary(report: Report) -> str:
    """What was found out, as on the terminal."""
    return joined(_sections(report), "## ")


def _sections(report: Report) -> dict[str, str]:
    """What was measured, by heading."""
    found = {}
    if report.results:
        found[_MONTH] = "\n\n".join([tables.comparison(report), *_remarks(report)])
    platform = next((r for r in report.results if r.name == "ecom" and r.measured), None)
    if platform and platform.measured and platform.measured.stages:
        found[_STEPS] = _steps(platform.measured, report.noop)
    if report.marts or report.marts_failure:
        found[_MARTS] = _marts(report)
    if report.hourly or report.hourly_failure:
        found[_HOURLY] = _hourly(report)
    if report.flatness or report.flatness_failure:
        found[_FLATNESS] = _flatness(report)
    return found


def _steps(measured: Measurement, noop: Measurement | None) -> str:
    words = (
        "Each step is a run of its own here; `orchestration` is what a run takes beside its "
        "steps. A step of clean and fact includes its audit and its commit."
    )
    text = f"{tables.platform_stages(measured.stages)}\n\n{words}"
    first = measured.facts.get("first_work_at")
    if first is not None:
        text += f"\n\n- From the start to the first block of the file: {first:.1f} s."
    if noop:
        words = "`ecom run` with nothing to do, in a lake of a few dates with all marts"
        text += f"\n\n- {words}: {_seconds_or_failure(noop)}."
    return text


def _marts(report: Report) -> str:
    if report.marts is None:
        return f"Failed: {report.marts_failure}"
    runs = report.marts
    words = (
        f"The marts of a month of {runs.month_rows:,} rows at once, and then one more date of "
        f"{runs.date_rows:,} rows from landing to marts, as every night; both beside what they "
        "are built from. Without the page and the profile. Steps run one after another, each "
        "with its audit and its commit, and its checks afterwards."
    )
    answer = tables.marts_beside_events(runs.date)
    return f"{words}\n\n{answer}\n\n{tables.marts_steps(runs)}"


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
        remarks += _where_the_rest_goes(report, fastest)
    disturbed = [r.label for r in report.results if tables.others_cores(r) > ALONE_BELOW]
    if disturbed:
        remarks.append(
            f"- **The machine was not quiet** while these ran: {', '.join(disturbed)}. Their "
            "seconds, and ratios of seconds, say little; processor time is comparable."
        )
    return ["\n".join(remarks)] if remarks else []


def _where_the_rest_goes(report: Report, fastest: Result) -> list[str]:
    platform = next((r for r in report.results if r.name == "ecom" and r.status == "ok"), None)
    if not platform or platform.rows != fastest.rows:
        return []
    more = tables.seconds_more(platform, fastest)
    total = sum(more.values())
    if total <= 0:
        return []
    parts = ", ".join(f"{group} {seconds:+.1f} s" for group, seconds in more.items())
    return [f"- ecom_platform takes {total:.1f} s longer than that script ({parts})."]


def _seconds_or_failure(measured: Measurement) -> str:
    if measured.failure:
        return f"failed, {measured.failure.splitlines()[-1]}"
    return f"{measured.seconds:.1f} s"


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
