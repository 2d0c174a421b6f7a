"""The checks of the shop's tables.

Belongs here: what these tables promise. Not here: counting rows of tables with dates.
"""

from collections.abc import Iterator

import dagster as dg

from ecom_platform.assets.check_reports import overall_results
from ecom_platform.checks.agreement import build_shop_agreement_check
from ecom_platform.checks.stored import check_specs, contract_checks, judge_files
from ecom_platform.contracts.oltp import CHANGE_LEDGER, CURRENT_OLTP, RAW_OLTP
from ecom_platform.contracts.table import TableContract
from ecom_platform.engines.resource import SparkResource
from ecom_platform.lake.audit import (
    Equation,
    Finding,
    judge_equation,
    judge_rows,
    measure,
    total,
)
from ecom_platform.lake.lake import Lake
from ecom_platform.pipeline.shop.agreement import OpenShop
from ecom_platform.pipeline.shop.fold import changes_of
from ecom_platform.pipeline.slice_build import Workplace
from ecom_platform.pipeline.stored import read_whole
from ecom_platform.transforms.oltp.fold import count_fates

SHOP_CONTRACTS = (*RAW_OLTP.values(), *CURRENT_OLTP.values(), CHANGE_LEDGER)
_RAW = tuple(RAW_OLTP.values())
_RECONCILES = "row_count_reconciles"


def build_shop_checks(open_shop: OpenShop | None = None) -> list[dg.AssetChecksDefinition]:
    """Make the checks of every table of the shop, of all changes and of their ledger.

    Args:
        open_shop: opens the shop's database; None if no setting tells where it is.
    """
    own = [_build_checks(contract) for contract in SHOP_CONTRACTS]
    return [*own, build_shop_agreement_check(open_shop)]


def judge_shop_table(work: Workplace, contract: TableContract) -> list[Finding]:
    """Judge a table as it is stored: its contract, and whether all rows went somewhere.

    Rows are counted anew every time, from the changes as they are stored. Before anything of the
    table has arrived there is nothing to judge.
    """
    if not _has_arrived(work.lake, contract):
        return []
    shape = judge_files(work.lake.storage, work.lake.table(contract.name).files(), contract)
    if not shape.passed:
        return [shape]
    rows = read_whole(work, contract.name)
    return [
        shape,
        *judge_rows(total(measure(rows, contract)), contract),
        judge_equation(_equation(work, contract)),
    ]


def _has_arrived(lake: Lake, contract: TableContract) -> bool:
    arrived = {outcome.shop_table for outcome in lake.dms_objects.ingested().values()}
    names = {RAW_OLTP[table].name for table in arrived}
    names |= {CURRENT_OLTP[table].name for table in arrived}
    return contract.name in names or (contract is CHANGE_LEDGER and bool(arrived))


def _equation(work: Workplace, contract: TableContract) -> Equation:
    """What came in, and where it went."""
    lake = work.lake
    stored = sum(file.row_count for file in lake.table(contract.name).files())
    for table, raw in RAW_OLTP.items():
        if contract.name == raw.name:
            visible = lake.dms_objects.ingested().values()
            read = sum(o.row_count for o in visible if o.shop_table == table)
            return Equation("rows read", read, {contract.name: stored})
        if contract.name == CURRENT_OLTP[table].name:
            changes = changes_of(lake, table)
            fates = [row.asDict() for row in count_fates(changes.judged(work)).collect()]
            gone = {
                f"{fate} changes": sum(row[f"{fate}_count"] for row in fates)
                for fate in ("superseded", "deleted")
            }
            return Equation(raw.name, changes.row_count, {contract.name: stored, **gone})
    ledger = read_whole(work, CHANGE_LEDGER.name).collect()
    changes_stored = {
        raw.name: sum(file.row_count for file in lake.table(raw.name).files())
        for raw in RAW_OLTP.values()
    }
    return Equation("counted changes", sum(row["row_count"] for row in ledger), changes_stored)


def _build_checks(contract: TableContract) -> dg.AssetChecksDefinition:
    name = contract.name
    counted = [] if contract in _RAW else [raw.name for raw in _RAW]
    specs = [
        *check_specs(name, contract_checks(contract)),
        *check_specs(name, [_RECONCILES], additional_deps=counted),
    ]

    @dg.multi_asset_check(name=f"{name}_checks", specs=specs, can_subset=True)
    def shop_checks(
        context: dg.AssetCheckExecutionContext,
        lake: dg.ResourceParam[Lake],
        spark: SparkResource,
    ) -> Iterator[dg.AssetCheckResult]:
        op_context = context.op_execution_context
        selected = [check.name for check in op_context.selected_asset_check_keys]
        work = Workplace(lake, lambda: spark.session, op_context.run_id)
        findings = judge_shop_table(work, contract)
        yield from overall_results(name, selected, {name: findings})

    return shop_checks
