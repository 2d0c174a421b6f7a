"""The checks of the dimensions.

Belongs here: what a dimension promises as a whole. Not here: tables that have dates.
"""

from collections.abc import Iterator

import dagster as dg
import pyarrow.parquet as pq

from ecom_platform.assets.check_reports import finding_metadata, severity
from ecom_platform.checks.descriptions import DESCRIPTIONS
from ecom_platform.checks.stored import contract_checks
from ecom_platform.contracts.model import DIM_PRODUCT_VERSIONS
from ecom_platform.engines.resource import SparkResource
from ecom_platform.lake.audit import Finding, judge_rows, judge_schema, measure, total
from ecom_platform.lake.lake import Lake
from ecom_platform.lake.slices import StaleDate
from ecom_platform.pipeline.model import DIMENSION_STEPS
from ecom_platform.pipeline.model.dimensions import Dimension, History
from ecom_platform.pipeline.slice_build import SliceBuild, Workplace
from ecom_platform.pipeline.stored import read_whole


def build_dimension_checks() -> list[dg.AssetChecksDefinition]:
    """Make the checks of every dimension."""
    return [_build_checks(dimension) for dimension in DIMENSION_STEPS.values()]


def judge_dimension(dimension: Dimension, work: Workplace) -> list[Finding]:
    """Judge the stored rows of a dimension: its contract, and what it was counted from.

    It is measured anew every time: once a day, over a table that is rebuilt as a whole.
    """
    contract = dimension.contract
    state = work.lake.publications.published_whole(contract.name)
    if state is None:
        return []
    as_of = state.event_date
    build = SliceBuild(work, contract.name, StaleDate(as_of, None, {}))
    sources = {partial: build.read_history(partial) for partial in dimension.partials}
    files = build.version.files()
    schema = judge_schema([pq.read_schema(file.path) for file in files], contract)
    if not schema.passed:
        return [schema]
    rows = read_whole(work, contract.name)
    return [
        schema,
        *judge_rows(total(measure(rows, contract)), contract),
        *dimension.reconcile(History(work.lake, as_of, sources), rows),
    ]


def _build_checks(dimension: Dimension) -> dg.AssetChecksDefinition:
    name = dimension.contract.name
    checks = [*contract_checks(dimension.contract), "row_count_reconciles"]
    if name == DIM_PRODUCT_VERSIONS.name:
        checks.append("versions_follow_each_other")
    specs = [
        dg.AssetCheckSpec(
            check,
            asset=name,
            description=DESCRIPTIONS[check],
            blocking=True,
            additional_deps=list(dimension.partials),
        )
        for check in checks
    ]

    @dg.multi_asset_check(name=f"{name}_checks", specs=specs)
    def dimension_checks(
        context: dg.AssetCheckExecutionContext,
        lake: dg.ResourceParam[Lake],
        spark: SparkResource,
    ) -> Iterator[dg.AssetCheckResult]:
        run_id = context.op_execution_context.run_id
        findings = judge_dimension(dimension, Workplace(lake, lambda: spark.session, run_id))
        by_check = {finding.check: finding for finding in findings}
        for check in checks:
            finding = by_check.get(check, Finding(check, True, {"judged": 0}, "no rows yet"))
            yield dg.AssetCheckResult(
                asset_key=name,
                check_name=check,
                passed=finding.passed,
                severity=severity(finding),
                description=finding.message or None,
                metadata=finding_metadata(finding),
            )

    return dimension_checks
