"""The checks of the partials.

Belongs here: what each closed date of a partial promises. Not here: the fact, the dimensions.
"""

import datetime as dt

import dagster as dg

from ecom_platform.assets.check_reports import Evaluate
from ecom_platform.checks.stored import build_checks, contract_checks, judge_stored
from ecom_platform.lake.audit import Equation, Finding, judge_equation
from ecom_platform.pipeline.counting import count
from ecom_platform.pipeline.model import PARTIAL_STEPS
from ecom_platform.pipeline.model.partials import EVERY_ROW, Partial
from ecom_platform.pipeline.stored import StoredTables


def partial_evaluators() -> dict[str, Evaluate]:
    """For every partial, the function that judges a stored date of it."""
    return {name: _evaluator(partial) for name, partial in PARTIAL_STEPS.items()}


def build_partial_checks(
    partitions: dg.PartitionsDefinition[str],
) -> list[dg.AssetChecksDefinition]:
    """Make the checks of every partial.

    Args:
        partitions: the dates that have ended.
    """
    evaluators = partial_evaluators()
    return [
        build_checks(
            name,
            [*contract_checks(partial.contract), "row_count_reconciles"],
            [],
            partitions,
            evaluators[name],
            additional_deps=[partial.source_name],
        )
        for name, partial in PARTIAL_STEPS.items()
    ]


def _evaluator(partial: Partial) -> Evaluate:
    def evaluate(stored: StoredTables, event_date: dt.date) -> list[Finding]:
        name, source = partial.contract.name, partial.source_name
        judged = judge_stored(stored, name, event_date)
        if judged.counts is None:
            return judged.findings
        if partial.of_source == EVERY_ROW:  # the manifests know the number
            total = stored.row_count(source, event_date)
        else:
            total = count(stored.rows(source, event_date), partial.of_source)
        counted = partial.count(stored.rows(name, event_date))
        return [*judged.findings, judge_equation(Equation(source, total, {name: counted}))]

    return evaluate
