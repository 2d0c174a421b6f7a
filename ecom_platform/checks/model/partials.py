"""The checks of the partials.

Belongs here: what each closed date of a partial promises. Not here: the fact, the dimensions.
"""

import datetime as dt
from collections.abc import Mapping, Sequence

import dagster as dg

from ecom_platform.assets.check_reports import Evaluate
from ecom_platform.checks.stored import build_checks, contract_checks, judge_stored
from ecom_platform.lake.audit import Equation, Finding, judge_equation
from ecom_platform.pipeline.model import PARTIAL_STEPS
from ecom_platform.pipeline.model.partials import EVERY_ROW, Partial, count
from ecom_platform.pipeline.stored import StoredTables


def partial_evaluators() -> dict[str, Evaluate]:
    """For every partial, the function that judges a stored date of it."""
    return {name: evaluator_of(partial) for name, partial in PARTIAL_STEPS.items()}


def build_partial_checks(
    partitions: dg.PartitionsDefinition[str],
) -> list[dg.AssetChecksDefinition]:
    """Make the checks of every partial.

    Args:
        partitions: the dates that have ended.
    """
    return build_checks_of_partials(PARTIAL_STEPS, partial_evaluators(), partitions)


def build_checks_of_partials(
    steps: Mapping[str, Partial],
    evaluators: Mapping[str, Evaluate],
    partitions: dg.PartitionsDefinition[str],
    warnings: Mapping[str, Sequence[str]] | None = None,
) -> list[dg.AssetChecksDefinition]:
    """Make the checks of tables that are built as partials are.

    Args:
        steps: the tables, by name.
        evaluators: for each, what judges a stored date.
        partitions: the dates that have ended.
        warnings: checks of a table beyond its contract and its equation, by table.
    """
    return [
        build_checks(
            name,
            [*contract_checks(step.contract), "row_count_reconciles"],
            (warnings or {}).get(name, ()),
            partitions,
            evaluators[name],
            additional_deps=[step.source_name],
        )
        for name, step in steps.items()
    ]


def evaluator_of(partial: Partial) -> Evaluate:
    """The function that judges a stored date of a table by its contract and its equation."""

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
