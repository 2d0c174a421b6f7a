"""The checks of marts by date, and of what they are added up from.

Belongs here: what each closed date promises. Not here: counting, tables without dates.
"""

import datetime as dt

import dagster as dg

from ecom_platform.assets.check_reports import Evaluate
from ecom_platform.checks.stored import build_checks, contract_checks, judge_stored, rows_lost
from ecom_platform.contracts import TABLES
from ecom_platform.lake.audit import Finding
from ecom_platform.pipeline.inputs import MULTIDAY, sources_of
from ecom_platform.pipeline.marts import MART_STEPS
from ecom_platform.pipeline.marts.mart import Mart, MartInputs
from ecom_platform.pipeline.marts.multiday import reconcile
from ecom_platform.pipeline.stored import StoredTables


def mart_evaluators() -> dict[str, Evaluate]:
    """For every table by date, the function that judges a stored date of it."""
    marts = {name: _evaluator(mart) for name, mart in MART_STEPS.items()}
    return {MULTIDAY: _evaluate_multiday, **marts}


def build_checks_of_dated_marts(
    partitions: dg.PartitionsDefinition[str],
) -> list[dg.AssetChecksDefinition]:
    """Make the checks of every table by date.

    Args:
        partitions: the dates that have ended.
    """
    return [
        build_checks(
            name,
            [*contract_checks(TABLES[name]), "row_count_reconciles"],
            [],
            partitions,
            evaluate,
            additional_deps=sources_of(name),
        )
        for name, evaluate in mart_evaluators().items()
    ]


def _evaluator(mart: Mart) -> Evaluate:
    def evaluate(stored: StoredTables, event_date: dt.date) -> list[Finding]:
        name = mart.contract.name
        judged = judge_stored(stored, name, event_date)
        if judged.counts is None:
            return judged.findings
        lost = rows_lost(name, stored.files(name, event_date), judged.counts["row_count"])
        inputs = MartInputs(stored, event_date)
        return [*judged.findings, *(lost or mart.judge(inputs, stored.rows(name, event_date)))]

    return evaluate


def _evaluate_multiday(stored: StoredTables, event_date: dt.date) -> list[Finding]:
    judged = judge_stored(stored, MULTIDAY, event_date)
    if judged.counts is None:
        return judged.findings
    lost = rows_lost(MULTIDAY, stored.files(MULTIDAY, event_date), judged.counts["row_count"])
    rows = stored.rows(MULTIDAY, event_date)
    return [*judged.findings, *(lost or reconcile(stored, event_date, rows))]
