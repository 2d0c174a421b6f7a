"""Refusals: what the check pages show when a step publishes some of its slices, or none.

Belongs here: verdicts of tables whose own step of checks does not run then. Not here: building.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import dagster as dg

from ecom_platform.assets.check_reports import Evaluate, is_of_run, log_findings
from ecom_platform.lake.audit import AuditFailed, Finding
from ecom_platform.partitions import to_date
from ecom_platform.pipeline.held import mild_where_held
from ecom_platform.pipeline.stored import StoredTables

if TYPE_CHECKING:
    from ecom_platform.pipeline.slice_build import Workplace

# Judges a table without dates as it is stored; no findings before its first publication.
EvaluateWhole = Callable[["Workplace"], list[Finding]]


@dataclass(frozen=True)
class Following:
    """What a job builds from a table; it is not built in a run that refuses something of it.

    Dagster has announced the checks of these tables when the run began. Left alone they would
    show as failed to execute until the tables are built again, though nothing of them changed.

    Attributes:
        by_date: what judges a stored date of a table, by table.
        whole: what judges a stored table without dates, by table.
    """

    by_date: Mapping[str, Evaluate] = field(default_factory=dict)
    whole: Mapping[str, EvaluateWhole] = field(default_factory=dict)

    def names(self, context: dg.AssetExecutionContext) -> list[str]:
        """Those of the tables that a run was to build."""
        return [name for name in (*self.by_date, *self.whole) if is_of_run(context, name)]

    def show(self, context: dg.AssetExecutionContext, work: Workplace) -> None:
        """Show how these tables are stored, now that this run does not build them."""
        for name in self.names(context):
            if name in self.by_date:
                show_dates(context, work, name, self.by_date[name])
            else:
                show_whole(context, work, name, self.whole[name])


def show_dates(
    context: dg.AssetExecutionContext,
    work: Workplace,
    table_name: str,
    evaluate: Evaluate,
    refusals: Mapping[dt.date, Exception] | None = None,
) -> None:
    """Show the checks of a run's dates as they are stored, and what was found of refused ones.

    Nothing that goes wrong here gets out: whoever calls is about to say what was refused, and
    that is what people must read.

    Args:
        context: the run; its partition keys are the dates.
        work: lake, engine and run id.
        table_name: the table.
        evaluate: judges a stored date of it.
        refusals: why dates were refused.
    """
    stored: list[StoredTables] = []

    def judge(date: dt.date, *, refused: bool) -> list[Finding]:
        if not stored:  # one look at the manifests for all dates
            stored.append(StoredTables(work, map(to_date, context.partition_keys)))
        expected = refused or stored[0].is_expected(table_name, date)
        judged = evaluate(stored[0], date) if expected else []
        return mild_where_held(work.lake.holds.of(table_name), date, judged)

    for key in context.partition_keys:
        date = to_date(key)
        refusal = (refusals or {}).get(date)
        stored_date = partial(judge, date, refused=refusal is not None)
        _show(context, table_name, key, stored_date, refusal)


def show_whole(
    context: dg.AssetExecutionContext,
    work: Workplace,
    table_name: str,
    evaluate: EvaluateWhole,
    refusal: Exception | None = None,
) -> None:
    """Show the checks of a table without dates; like `show_dates` it lets no fault out."""

    def judge() -> list[Finding]:
        return mild_where_held(work.lake.holds.of(table_name), None, evaluate(work))

    _show(context, table_name, None, judge, refusal)


def _show(
    context: dg.AssetExecutionContext,
    table_name: str,
    key: str | None,
    judge: Callable[[], Iterable[Finding]],
    refusal: Exception | None,
) -> None:
    findings: dict[str, Finding] = {}
    try:
        findings = {finding.check: finding for finding in judge()}
    except Exception as fault:  # noqa: BLE001  whatever it is, the refusal must be told
        where = " ".join(filter(None, [table_name, key]))
        context.log.error(f"the stored rows of {where} could not be judged: {fault}")
    if isinstance(refusal, AuditFailed):
        findings |= {finding.check: finding for finding in refusal.findings}
    try:
        log_findings(context.op_execution_context, table_name, key, findings.values())
    except Exception as fault:  # noqa: BLE001  as above
        context.log.error(f"the checks of {table_name} could not be shown: {fault}")
