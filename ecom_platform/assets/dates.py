"""Rebuilding the dates of a run: refused ones do not stop the others.

Belongs here: the loop over a run's dates and what it tells Dagster. Not here: any table's step.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import dagster as dg
from pydantic import Field

from ecom_platform.assets.check_reports import Evaluate
from ecom_platform.assets.refusals import Following, show_dates
from ecom_platform.contracts import TABLES
from ecom_platform.lake.audit import REPEATED_KEYS
from ecom_platform.partitions import to_date, to_key
from ecom_platform.pipeline.held import built_from_held, held_dates
from ecom_platform.pipeline.outcomes import Reason, Refused, Steps
from ecom_platform.pipeline.slice_build import Rebuilt, Workplace
from ecom_platform.pipeline.staleness import stale_dates

if TYPE_CHECKING:
    from ecom_platform.lake.holds import Hold
    from ecom_platform.lake.publications import PublishedDate
    from ecom_platform.pipeline.progress import Reporter

Metadata = dict[str, dg.MetadataValue]


class RebuildConfig(dg.Config):
    """How a table of events is materialized."""

    rebuild: bool = Field(
        default=False,
        description="Rebuild the run's dates even where nothing that they are built from changed.",
    )


@dataclass
class DatesReport:
    """What a run did to the dates of one table."""

    rebuilt: dict[dt.date, Rebuilt] = field(default_factory=dict)
    refused: dict[dt.date, Reason] = field(default_factory=dict)
    held: dict[dt.date, Hold] = field(default_factory=dict)


def rebuild_dates(
    context: dg.AssetExecutionContext,
    work: Workplace,
    table_name: str,
    steps: Steps,
    reporter: Reporter,
    config: RebuildConfig,
) -> DatesReport:
    """Rebuild what is stale of a run's dates.

    Args:
        context: the run; its partition keys are the dates.
        work: lake, engine and run id.
        table_name: the table.
        steps: rebuilds slices, and tells the outcome of each.
        reporter: told of dates done.
        config: whether to rebuild what is not stale.
    """
    report = DatesReport()
    dates = [to_date(key) for key in context.partition_keys]
    now = dt.datetime.now(tz=dt.UTC)
    report.held = held_dates(work.lake, table_name, dates, now)
    for hold in report.held.values():
        context.log.warning(hold.message)
    stale = stale_dates(work.lake, table_name, dates, now, rebuild=config.rebuild)
    for done, outcome in enumerate(steps(work, list(stale.values())), start=1):
        date, label = outcome.slice_.event_date, outcome.slice_.label
        if isinstance(outcome, Refused):
            report.refused[date] = outcome.reason
            context.log.error(str(outcome.reason))
        else:
            report.rebuilt[date] = outcome
            rows = outcome.numbers.get("row_count", 0)
            context.log.info(
                f"{table_name} {label}: {rows:,} rows published in {outcome.seconds:.1f} s"
            )
        reporter(table_name, done, len(stale), "dates")
    return report


def report_dates(
    context: dg.AssetExecutionContext,
    work: Workplace,
    report: DatesReport,
    table_names: Sequence[str],
    evaluate: Evaluate,
    following: Following | None = None,
) -> None:
    """Tell Dagster what each date holds; fail if dates were refused.

    The good dates of a failed run count as materialized: they are published. The step that
    would show their checks does not run then, so they are shown here, and the failed ones of
    the refused dates.

    Args:
        context: the run.
        work: lake, engine and run id.
        report: what was done.
        table_names: the tables that the step builds; the first is the one that is audited.
        evaluate: judges a stored date of the audited table.
        following: what is not built in this run when dates are refused.

    Raises:
        dg.Failure: names the refused dates and why.
    """
    for table_name in table_names:
        keys = context.partition_keys
        published = work.lake.publications.published(table_name, [to_date(k) for k in keys])
        before = built_from_held(work.lake, table_name)
        for key in keys:
            date = to_date(key)
            if date in report.refused:
                continue
            metadata = slice_metadata(table_name, published.get(date), report.rebuilt.get(date))
            if date in report.held:
                metadata["held"] = dg.MetadataValue.text(report.held[date].message)
            if date in before:
                said = "; ".join(hold.message for hold in before[date])
                metadata["built_from_held"] = dg.MetadataValue.text(said)
            if report.refused:
                context.log_event(
                    dg.AssetMaterialization(table_name, partition=key, metadata=metadata)
                )
            else:
                context.add_asset_metadata(metadata, asset_key=table_name, partition_key=key)
    if report.refused:
        show_dates(context, work, table_names[0], evaluate, report.refused)
        following = following or Following()
        following.show(context, work)
        raise _failure(report, table_names[0], following.names(context))


def _failure(report: DatesReport, table_name: str, not_built: Sequence[str]) -> dg.Failure:
    named = ", ".join(to_key(date) for date in sorted(report.refused))
    reasons = "\n".join(str(report.refused[date]) for date in sorted(report.refused))
    left = f" Not built in this run: {', '.join(not_built)}; automation or `ecom run` will."
    return dg.Failure(
        description=f"{table_name}: refused {named}; every other date of this run is published."
        f"{left * bool(not_built)}\n{reasons}",
        allow_retries=False,
    )


def slice_metadata(
    table_name: str, published: PublishedDate | None, rebuilt: Rebuilt | None
) -> Metadata:
    """The numbers of a date, or of a table without dates.

    Args:
        table_name: the table.
        published: what it holds now; None for nothing.
        rebuilt: what this run did; None for nothing.
    """
    rows = "partition_row_count" if TABLES[table_name].partition_by else "row_count"
    # Numbers of the rules are with their checks: here they would hide the others.
    of_rules = {REPEATED_KEYS, *(rule.name for rule in TABLES[table_name].rules)}
    counted = published.measures.items() if published else ()
    measures = {name: number for name, number in counted if name not in of_rules}
    metadata: Metadata = {
        f"dagster/{rows}": dg.MetadataValue.int(published.row_count if published else 0),
        "bytes": dg.MetadataValue.int(published.byte_count if published else 0),
        "seconds": dg.MetadataValue.float(round(rebuilt.seconds, 3) if rebuilt else 0.0),
        "slices_rebuilt": dg.MetadataValue.int(_slices(rebuilt)),
    }
    return metadata | {name: dg.MetadataValue.int(value) for name, value in measures.items()}


def _slices(rebuilt: Rebuilt | None) -> int:
    if rebuilt is None:
        return 0
    return 1 if rebuilt.slice_.hours is None else len(rebuilt.slice_.hours)
