"""The checks of the dimensions.

Belongs here: what a dimension promises as a whole. Not here: tables that have dates.
"""

from collections.abc import Iterator
from functools import partial

import dagster as dg

from ecom_platform.assets.check_reports import overall_results
from ecom_platform.assets.refusals import EvaluateWhole
from ecom_platform.checks.counted import whole_counted_by_this_run
from ecom_platform.checks.model.orphans import CHECK_OF, judge_changed_dates
from ecom_platform.checks.stored import check_specs, contract_checks, judge_files, rows_lost
from ecom_platform.contracts.model import DIM_PRODUCT_VERSIONS
from ecom_platform.engines.resource import SparkResource
from ecom_platform.lake.audit import Finding, judge_rows, measure, total
from ecom_platform.lake.lake import Lake
from ecom_platform.lake.slices import StaleDate
from ecom_platform.pipeline.held import mild_where_held
from ecom_platform.pipeline.model import DIMENSION_STEPS
from ecom_platform.pipeline.model.basis import History
from ecom_platform.pipeline.model.dimensions import Dimension
from ecom_platform.pipeline.slice_build import SliceBuild, Workplace
from ecom_platform.pipeline.stored import read_whole


def dimension_evaluators() -> dict[str, EvaluateWhole]:
    """For every dimension, the function that judges it as it is stored."""
    return {name: partial(judge_dimension, step) for name, step in DIMENSION_STEPS.items()}


def build_dimension_checks() -> list[dg.AssetChecksDefinition]:
    """Make the checks of every dimension."""
    return [build_checks_of_whole(dimension) for dimension in DIMENSION_STEPS.values()]


def judge_dimension(dimension: Dimension, work: Workplace) -> list[Finding]:
    """Judge the stored rows of a dimension: its contract, and what it was counted from.

    Rows are measured anew, unless this very run has published them: then the audit has. What they
    are counted from is counted every time. Before the first publication there is nothing to judge.
    """
    contract = dimension.contract
    state = work.lake.publications.published_whole(contract.name)
    if state is None:
        return []
    as_of = state.event_date
    build = SliceBuild(work, contract.name, StaleDate(as_of, None, {}))
    sources = {name: build.read_history(name) for name in dimension.partials}
    files = build.version.files()
    shape = judge_files(work.lake.storage, files, contract)
    if not shape.passed:
        return [shape]
    rows = read_whole(work, contract.name)
    counts = whole_counted_by_this_run(work, contract, files)
    if counts is None:
        counts = total(measure(rows, contract))
    lost = rows_lost(contract.name, files, counts.get("row_count", 0))
    return [
        shape,
        *judge_rows(counts, contract),
        *(lost or dimension.reconcile(History(work.lake, as_of, sources), rows)),
    ]


def build_checks_of_whole(dimension: Dimension) -> dg.AssetChecksDefinition:
    """Make the checks of a table that is rebuilt as a whole from partials."""
    name = dimension.contract.name
    checks = [*contract_checks(dimension.contract), "row_count_reconciles"]
    if name == DIM_PRODUCT_VERSIONS.name:
        checks.append("versions_follow_each_other")
    specs = check_specs(name, checks, additional_deps=dimension.partials)

    @dg.multi_asset_check(name=f"{name}_checks", specs=specs, can_subset=True)
    def dimension_checks(
        context: dg.AssetCheckExecutionContext,
        lake: dg.ResourceParam[Lake],
        spark: SparkResource,
    ) -> Iterator[dg.AssetCheckResult]:
        op_context = context.op_execution_context
        selected = [check.name for check in op_context.selected_asset_check_keys]
        work = Workplace(lake, lambda: spark.session, op_context.run_id)
        held = lake.holds.of(name)
        findings = mild_where_held(held, None, judge_dimension(dimension, work))
        yield from overall_results(name, selected, {name: findings})
        if name in CHECK_OF:
            judge_changed_dates(op_context, work, name)

    return dimension_checks
