"""The check that holds the lake against the shop's own database.

Belongs here: when it is judged. Not here: comparing and judging (pipeline/shop/), what the tables
promise by themselves (shop.py).
"""

from collections.abc import Iterator

import dagster as dg

from ecom_platform.assets.check_reports import overall_results
from ecom_platform.checks.stored import check_specs
from ecom_platform.contracts.oltp import CURRENT_OLTP
from ecom_platform.errors import OltpFailed, OltpUnavailable, PublishConflict
from ecom_platform.lake.lake import Lake
from ecom_platform.pipeline.shop.agreement import OpenShop, tables_to_check
from ecom_platform.pipeline.shop.points import AGREES, look


def build_shop_agreement_check(open_shop: OpenShop | None) -> dg.AssetChecksDefinition:
    """Make the check of every table of the shop as it is now.

    Args:
        open_shop: opens the shop's database; None if no setting tells where it is.
    """
    specs = [
        spec
        for contract in CURRENT_OLTP.values()
        for spec in check_specs(contract.name, [AGREES], blocking=False)
    ]

    @dg.multi_asset_check(name="shop_agreement", specs=specs, can_subset=True)
    def shop_agreement(
        context: dg.AssetCheckExecutionContext, lake: dg.ResourceParam[Lake]
    ) -> Iterator[dg.AssetCheckResult]:
        op_context = context.op_execution_context
        if open_shop is None:
            op_context.log.info(
                "skipped: nothing was compared, for ECOM_OLTP_URL does not say where the shop's "
                "database is"
            )
            return
        selected = {key.asset_key for key in op_context.selected_asset_check_keys}
        try:
            with open_shop(tables_to_check(lake.settings)) as shop:
                for table, contract in CURRENT_OLTP.items():
                    if dg.AssetKey(contract.name) not in selected:
                        continue
                    if lake.publications.published_whole(contract.name) is None:
                        op_context.log.info(f"skipped: nothing of {table} has arrived yet")
                        continue
                    finding = look(lake, shop, table)
                    yield from overall_results(contract.name, [AGREES], {"": [finding]})
        except (OltpUnavailable, OltpFailed, PublishConflict) as fault:
            raise dg.Failure(description=str(fault), allow_retries=False) from None

    return shop_agreement
