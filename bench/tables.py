"""The results as tables of Markdown, for the terminal and for docs/benchmarks.md alike.

Belongs here: rows, columns and numbers as text. Not here: the words around them (document.py).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from bench.measuring import Measurement, Stage
from bench.platform_run import MARTS, ORCHESTRATION, START, USERS_MARTS
from bench.results import HourlyRun, MartsRuns, Report, Result
from bench.scripts.stopwatch import CHECKS, CLEAN_FACT, DIMS, RAW

REST = "start and all else"
GROUPS = {
    RAW: "landing → raw",
    CLEAN_FACT: "clean, rejected, fact",
    CHECKS: "checks",
    DIMS: "dimensions",
}
ABSENT = "–"
_GIGABYTE = 1e9


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table whose first column is text and whose others are numbers, aligned for the eye."""
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    ruler = ["-" * (widths[0] + 2), *("-" * (width + 1) + ":" for width in widths[1:])]
    lines = [_line(header, widths), "|" + "|".join(ruler) + "|"]
    return "\n".join([*lines, *(_line(row, widths) for row in rows)])


def comparison(report: Report) -> str:
    """Contenders beside each other, stage by stage."""
    results = report.results
    rows = [["rows", *(f"{r.rows:,}" if r.rows else ABSENT for r in results)]]
    rows += [[title, *(_cell_of(r, group) for r in results)] for group, title in GROUPS.items()]
    rows += [
        [REST, *(_rest(r) for r in results)],
        ["**total**", *(_total(r) for r in results)],
        ["ratio to the fastest script", *(_ratio(r, report.fastest_script) for r in results)],
        ["the same in processor time", *(_cpu_ratio(r, report.fastest_script) for r in results)],
        ["seconds a million rows", *(_number(r, r.seconds_per_million, 2) for r in results)],
        ["processor seconds", *(_cpu(r) for r in results)],
        ["peak memory", *(_peak(r) for r in results)],
        ["cores busy with others", *(_number(r, others_cores(r), 2) for r in results)],
    ]
    return markdown_table(["", *(r.label for r in results)], rows)


def platform_stages(stages: Sequence[Stage]) -> str:
    """The steps of ecom_platform."""
    rows = [
        [f"`{s.name}`", f"{s.seconds:.1f}", f"{s.cpu_seconds:.1f}", gigabytes(s.peak_bytes)]
        for s in stages
    ]
    return markdown_table(["step", "seconds", "processor, s", "peak memory"], rows)


def marts_steps(runs: MartsRuns) -> str:
    """What each step cost, for the month and for one more date; then sums of several."""
    of_month, of_date = _steps(runs.month, runs.marts), _steps(runs.date)
    shown = {f"`{name}`": {name} for name in of_date}
    for group in (RAW, CLEAN_FACT, DIMS, MARTS, USERS_MARTS):
        names = {name for name, stage in of_date.items() if stage.group == group}
        shown[f"**{GROUPS.get(group, group)}**"] = names
        shown[f"**{GROUPS.get(group, group)}: checks**"] = {f"{name}_checks" for name in names}
    rows = [[title, *_summed(of_month, n), *_summed(of_date, n)] for title, n in shown.items()]
    header = ["step", "month, s", "processor, s", "peak memory"]
    return markdown_table([*header, "one date, s", "processor, s", "peak memory"], rows)


def marts_beside_events(date: Measurement) -> str:
    """What the marts of one date cost beside its way from landing to the fact, in a sentence."""
    seconds, cpu = zip(
        *(_cost_of(date, groups) for groups in ((MARTS, USERS_MARTS), (RAW, CLEAN_FACT))),
        strict=True,
    )
    if not all((*seconds, *cpu)):
        return "The marts of the date cannot be compared with its events: a step is missing."
    return (
        f"All marts of the date take {seconds[0]:.1f} s ({cpu[0]:.1f} processor seconds), its way "
        f"from landing to the fact {seconds[1]:.1f} s ({cpu[1]:.1f}), each with audits and commits "
        f"and without checks: {seconds[0] / seconds[1]:.2f} times as long, and "
        f"{cpu[0] / cpu[1]:.2f} times in processor time."
    )


def hourly_runs(runs: Sequence[HourlyRun], before: str) -> str:
    """Runs that bring one hour.

    Args:
        runs: the runs.
        before: what their labels say.
    """
    rows = []
    for run in runs:
        own = sum(stage.seconds for stage in run.measured.stages if stage.group != START)
        measured = run.measured
        seconds = [f"{s:.1f}" for s in (own, measured.seconds, measured.cpu_seconds)]
        rows.append([run.label, f"{run.rows:,}", *seconds, gigabytes(measured.peak_bytes)])
    header = [before, "rows of the new hour", "run, s", "process, s"]
    header += ["processor, s", "peak memory"]
    return markdown_table(header, rows)


def gigabytes(size: int) -> str:
    """A size in GB (10^9 bytes)."""
    return f"{size / _GIGABYTE:.2f} GB"


def _steps(*runs: Measurement) -> dict[str, Stage]:
    """The steps of some runs by name, without what belongs to no table."""
    stages = [stage for run in runs for stage in run.stages]
    return {s.name: s for s in stages if s.group not in (START, ORCHESTRATION)}


def seconds_more(result: Result, other: Result) -> dict[str, float]:
    """How much longer one contender takes than another, by group of stages; together it is all."""
    more = {t: result.seconds_of(g) - other.seconds_of(g) for g, t in GROUPS.items()}
    return more | {REST: _seconds_beside_stages(result) - _seconds_beside_stages(other)}


def _summed(steps: Mapping[str, Stage], names: Collection[str]) -> list[str]:
    """Seconds, processor seconds and highest memory of some steps together."""
    found = [stage for name, stage in steps.items() if name in names]
    if not found:
        return [ABSENT] * 3
    seconds, cpu = sum(s.seconds for s in found), sum(s.cpu_seconds for s in found)
    return [f"{seconds:.1f}", f"{cpu:.1f}", gigabytes(max(s.peak_bytes for s in found))]


def _cost_of(measured: Measurement, groups: Collection[str]) -> tuple[float, float]:
    """Seconds and processor seconds of the steps of some groups."""
    found = [stage for stage in measured.stages if stage.group in groups]
    return sum(s.seconds for s in found), sum(s.cpu_seconds for s in found)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    numbers = [cell.strip().rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
    return "| " + " | ".join([first, *numbers]) + " |"


def _cell_of(result: Result, group: str) -> str:
    seconds = result.seconds_of(group)
    if result.status != "ok" or not seconds:
        return ABSENT
    return f"{seconds:.1f} s · {gigabytes(result.peak_of(group))}"


def _rest(result: Result) -> str:
    if result.status != "ok" or not result.measured or not result.measured.stages:
        return ABSENT
    return f"{_seconds_beside_stages(result):.1f} s"


def _seconds_beside_stages(result: Result) -> float:
    whole = result.measured.seconds if result.measured else 0.0
    return whole - sum(map(result.seconds_of, GROUPS))


def _total(result: Result) -> str:
    if result.status != "ok" or not result.measured:
        return f"**{result.status}**"
    return f"**{result.measured.seconds:.1f} s**"


def _ratio(result: Result, fastest: Result | None) -> str:
    if result.status != "ok" or fastest is None:
        return ABSENT
    return f"{result.seconds_per_million / fastest.seconds_per_million:.2f}"


def _cpu_ratio(result: Result, fastest: Result | None) -> str:
    if result.status != "ok" or fastest is None or not fastest.cpu_seconds_per_million:
        return ABSENT
    return f"{result.cpu_seconds_per_million / fastest.cpu_seconds_per_million:.2f}"


def _number(result: Result, value: float, digits: int) -> str:
    return f"{value:.{digits}f}" if result.status == "ok" else ABSENT


def others_cores(result: Result) -> float:
    """Cores that other programs kept busy while a contender ran."""
    return result.measured.others_cores if result.measured else 0.0


def _cpu(result: Result) -> str:
    return _number(result, result.measured.cpu_seconds if result.measured else 0.0, 1)


def _peak(result: Result) -> str:
    return gigabytes(result.measured.peak_bytes) if result.measured else ABSENT
