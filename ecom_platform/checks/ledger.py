"""The checks of the row ledger.

Belongs here: what row_ledger promises: that every line is accounted for. Not here: counting.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable

import dagster as dg

from ecom_platform.assets.ledger import COUNTED_TABLES
from ecom_platform.checks.counted import counted_by_this_run
from ecom_platform.checks.stored import build_checks, contract_checks, judge_stored
from ecom_platform.contracts.row_ledger import COUNT_COLUMNS, ROW_LEDGER
from ecom_platform.lake.audit import Finding
from ecom_platform.lake.slices import StaleDate
from ecom_platform.pipeline.ledger.counting import (
    CLEAN_ROWS_RECONCILE,
    RAW_ROWS_RECONCILE,
    Fates,
    judge_fates,
)
from ecom_platform.pipeline.ledger.dates import (
    CountedDate,
    LedgerRow,
    count_date,
    ledger_rows,
    stored_rows,
    total_of,
)
from ecom_platform.pipeline.ledger.lines import LINES_RECONCILE, judge_lines
from ecom_platform.pipeline.staleness import ledger_inputs, stale_dates
from ecom_platform.pipeline.stored import StoredTables

AGREES = "ledger_agrees_with_tables"

_NAMED_PLACES = 5


def evaluate_row_ledger(stored: StoredTables, event_date: dt.date) -> list[Finding]:
    """Judge a stored date of row_ledger: what the stored tables say, and whether it says so too.

    In the run that published the date the audit has just counted the tables: its ledger is held
    against that count, and the tables are not counted again.
    """
    judged = judge_stored(stored, ROW_LEDGER.name, event_date)
    if judged.counts is None:
        return judged.findings
    lake, rows = stored.work.lake, stored_rows(stored.work.lake, [event_date])
    audited = counted_by_this_run(stored, ROW_LEDGER.name, event_date)
    if audited is not None:
        lines = judge_lines(lake, {row["source_object"] for row in rows}, stored.objects())
        fates = judge_fates(_fates_of(rows), event_date.isoformat())
        return [*judged.findings, lines, *fates, _judge_totals(rows, audited)]
    inputs = ledger_inputs(lake, [event_date]).get(event_date)
    counted = count_date(stored.work, StaleDate(event_date, None, {}), inputs)
    agreement = _judge_agreement(stored, rows, counted, event_date)
    return [*judged.findings, *counted.findings, *agreement]


def _fates_of(rows: Iterable[LedgerRow]) -> Fates:
    fates = Fates()
    for row in rows:
        if row["event_hour"] is not None:
            place = row["source_object"], row["event_hour"]
            fates.counts[place] = Counter({name: row[name] for name in COUNT_COLUMNS})
    return fates


def _judge_totals(rows: list[LedgerRow], audited: dict[str, int]) -> Finding:
    """Whether the rows are still what the audit counted."""
    counts = total_of(rows)
    differing = [name for name, count in counts.items() if audited.get(name, 0) != count]
    message = ", ".join(f"{n}: {counts[n]:,} against {audited.get(n, 0):,}" for n in differing)
    return _agreement(len(rows), len(differing), message)


def _judge_agreement(
    stored: StoredTables, rows: list[LedgerRow], counted: CountedDate, event_date: dt.date
) -> list[Finding]:
    """Whether the ledger says what was just counted; while it is stale it cannot, so no verdict."""
    now = dt.datetime.now(tz=dt.UTC)
    if stale_dates(stored.work.lake, ROW_LEDGER.name, [event_date], now):
        return []
    expected = ledger_rows(counted, event_date, stored.work.run_id)
    said, told = ({_place(r): _counts(r) for r in which} for which in (rows, expected))
    differing = [place for place in said | told if said.get(place) != told.get(place)]
    named = "; ".join(
        f"{key} hour {hour}: {_difference(said.get(place, {}), told.get(place, {}))}"
        for place in differing[:_NAMED_PLACES]
        for key, _, hour in [place]
    )
    return [_agreement(len(rows), len(differing), named)]


def _agreement(rows: int, differing: int, message: str) -> Finding:
    numbers = {"rows": rows, "differing": differing}
    said = f"the ledger differs from what is stored: {message}" * (differing > 0)
    return Finding(AGREES, differing == 0, numbers, said)


def _place(row: LedgerRow) -> tuple[str, str, int | None]:
    return row["source_object"], row["object_version"], row["event_hour"]


def _counts(row: LedgerRow) -> dict[str, int]:
    return {name: row[name] for name in COUNT_COLUMNS}


def _difference(said: dict[str, int], told: dict[str, int]) -> str:
    names = [name for name in COUNT_COLUMNS if said.get(name, 0) != told.get(name, 0)]
    return ", ".join(f"{n} {said.get(n, 0):,}, stored {told.get(n, 0):,}" for n in names)


def build_row_ledger_checks(partitions: dg.PartitionsDefinition[str]) -> dg.AssetChecksDefinition:
    """Make the checks of row_ledger."""
    blocking = [LINES_RECONCILE, RAW_ROWS_RECONCILE, CLEAN_ROWS_RECONCILE, AGREES]
    return build_checks(
        ROW_LEDGER.name,
        [*contract_checks(ROW_LEDGER), *blocking],
        [],
        partitions,
        evaluate_row_ledger,
        additional_deps=[contract.name for contract in COUNTED_TABLES],
    )
