"""Judging stored dates by their contracts, and the Dagster checks that show it.

Belongs here: what is alike for the checks of all tables. Not here: what only one table promises.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import dagster as dg
import pyarrow as pa

from ecom_platform.assets.check_reports import (
    Evaluate,
    last_verdict,
    log_dates,
    overall_results,
)
from ecom_platform.checks.counted import counted_by_this_run
from ecom_platform.checks.descriptions import DESCRIPTIONS
from ecom_platform.contracts import TABLES
from ecom_platform.contracts.table import TableContract
from ecom_platform.engines.resource import SparkResource
from ecom_platform.lake.audit import (
    Equation,
    Finding,
    judge_equation,
    judge_rows,
    judge_schema,
    measure,
    total,
)
from ecom_platform.lake.lake import Lake
from ecom_platform.lake.storage import Storage
from ecom_platform.lake.table import TableFile
from ecom_platform.partitions import to_date, to_key
from ecom_platform.pipeline.held import mild_where_held
from ecom_platform.pipeline.slice_build import Workplace
from ecom_platform.pipeline.stored import StoredTables


def contract_checks(contract: TableContract) -> list[str]:
    """The names of the checks that follow from a contract."""
    return [
        "schema_conforms",
        *dict.fromkeys(r.check for r in contract.rules),
        "primary_key_is_unique",
    ]


@dataclass(frozen=True)
class Judged:
    """A stored date, judged by its contract.

    Attributes:
        findings: the verdicts.
        counts: what was counted of its rows, by name; None where they cannot be read, so that
            nothing else can be said of the date.
    """

    findings: list[Finding]
    counts: Mapping[str, int] | None


def judge_stored(stored: StoredTables, table_name: str, event_date: dt.date) -> Judged:
    """Judge a stored date by its contract.

    Rows are counted anew, unless this very run has published the date or hours of it: then
    audits have counted them.

    Args:
        stored: what the lake holds.
        table_name: the table.
        event_date: the date.
    """
    contract = TABLES[table_name]
    files = stored.files(table_name, event_date)
    shape = judge_files(stored.work.lake.storage, files, contract)
    if not shape.passed:
        return Judged([shape], None)
    counts = counted_by_this_run(stored, table_name, event_date)
    if counts is None:
        counts = total(measure(stored.rows(table_name, event_date), contract)) if files else {}
    return Judged([shape, *judge_rows(counts, contract)], {"row_count": 0, **counts})


def judge_files(storage: Storage, files: Iterable[TableFile], contract: TableContract) -> Finding:
    """Judge whether the files of a table can be read and have the shape of its contract."""
    schemas, faults = [], []
    for file in files:
        try:
            footer = storage.footer(file.path, file.byte_count)
            schemas.append(footer.schema.to_arrow_schema())
        except (OSError, pa.ArrowException) as fault:
            faults.append(f"{file.path} cannot be read: {fault}")
    shape = judge_schema(schemas, contract, older=True)
    if not faults:
        return shape
    numbers = {
        **shape.numbers,
        "files": len(schemas) + len(faults),
        "unreadable": len(faults),
    }
    listed = [*faults[:3], *filter(None, [shape.message])]
    return Finding(shape.check, False, numbers, "; ".join(listed))


def rows_lost(table_name: str, files: Iterable[TableFile], counted: int) -> list[Finding]:
    """Hold counted rows against those that the catalog records of their files.

    For tables whose own equation adds up some of their rows only: it would not miss the others.

    Returns:
        Nothing where they agree.
    """
    recorded = sum(file.row_count for file in files)
    found = judge_equation(Equation("rows in the catalog", recorded, {table_name: counted}))
    return [] if found.passed else [found]


def check_specs(
    table_name: str,
    checks: Iterable[str],
    *,
    blocking: bool = True,
    partitions: dg.PartitionsDefinition[str] | None = None,
    additional_deps: Iterable[str] = (),
) -> list[dg.AssetCheckSpec]:
    """Name checks of a table to Dagster, each with its description.

    Args:
        table_name: the table.
        checks: their names.
        blocking: whether their failure stops what follows in the run.
        partitions: of the table, if it has any.
        additional_deps: tables whose rows the checks also count.
    """
    return [
        dg.AssetCheckSpec(
            check,
            asset=table_name,
            description=DESCRIPTIONS[check],
            blocking=blocking,
            partitions_def=partitions,
            additional_deps=list(additional_deps),
        )
        for check in checks
    ]


def build_checks(
    table_name: str,
    blocking: Sequence[str],
    warnings: Sequence[str],
    partitions: dg.PartitionsDefinition[str],
    evaluate: Evaluate,
    additional_deps: Sequence[str] = (),
) -> dg.AssetChecksDefinition:
    """Make the asset checks of one table: one step, every date judged on its own.

    A check that could not look at a date gives no result for it, and so never says that it
    passed: it shows as skipped, or as failed with its run.

    Args:
        table_name: the table.
        blocking: checks whose failure stops what follows in the run.
        warnings: checks that ask a person to look.
        partitions: the table's partitions.
        evaluate: judges one stored date.
        additional_deps: tables whose rows the checks also count.
    """
    named = partial(check_specs, table_name, partitions=partitions, additional_deps=additional_deps)
    specs = [*named(blocking), *named(warnings, blocking=False)]

    @dg.multi_asset_check(name=f"{table_name}_checks", specs=specs, can_subset=True)
    def checks(
        context: dg.AssetCheckExecutionContext,
        lake: dg.ResourceParam[Lake],
        spark: SparkResource,
    ) -> Iterator[dg.AssetCheckResult]:
        op_context = context.op_execution_context
        work = Workplace(lake, lambda: spark.session, op_context.run_id)
        by_key = _judge_partitions(op_context, work, table_name, evaluate, blocking)
        yield from overall_results(table_name, [*blocking, *warnings], by_key)

    return checks


def _judge_partitions(
    context: dg.OpExecutionContext,
    work: Workplace,
    table_name: str,
    evaluate: Evaluate,
    blocking: Sequence[str],
) -> dict[str, list[Finding]]:
    """Judge the dates of a run; in a range run also store the result of each.

    Raises:
        dg.Failure: a date could not be judged, e.g. because the rows that it is counted against
            cannot be read; the others are.
    """
    keys = context.partition_keys
    selected = {check.name for check in context.selected_asset_check_keys}
    stored = StoredTables(
        work,
        [to_date(key) for key in keys],
        lambda date: last_verdict(context, table_name, to_key(date), blocking),
    )
    held = work.lake.holds.of(table_name)
    by_key: dict[str, list[Finding]] = {}
    faults: dict[str, Exception] = {}
    for key in keys:
        # Dates before the first or after the last event are no gap: their checks show as
        # skipped. A single date that someone asked for is judged whatever it holds.
        if len(keys) == 1 or stored.is_expected(table_name, to_date(key)):
            try:
                judged = evaluate(stored, to_date(key))
                findings = mild_where_held(held, to_date(key), judged)
            except Exception as fault:  # noqa: BLE001  whatever it is, the others are judged
                faults[key] = fault
            else:
                by_key[key] = [finding for finding in findings if finding.check in selected]
    if len(keys) > 1:
        log_dates(context, table_name, by_key)
    if faults:
        named = "; ".join(f"{key}: {fault}" for key, fault in faults.items())
        raise dg.Failure(f"{table_name} could not be judged on {named}") from next(
            iter(faults.values())
        )
    return by_key
