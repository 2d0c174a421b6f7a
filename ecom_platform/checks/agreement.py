"""The check that holds the lake against the shop's own database.

Belongs here: when it is judged, and what it remembers. Not here: comparing (pipeline/shop/), what
the tables promise by themselves (shop.py).
"""

from collections.abc import Iterator

import dagster as dg

from ecom_platform.assets.check_reports import severity
from ecom_platform.checks.descriptions import DESCRIPTIONS
from ecom_platform.contracts.oltp import CURRENT_OLTP
from ecom_platform.errors import OltpUnavailable
from ecom_platform.lake.lake import Lake
from ecom_platform.pipeline.shop.agreement import (
    AGREES,
    MOST_ON_THEIR_WAY,
    Comparison,
    OpenShop,
    compare,
    judge_agreement,
    tables_to_check,
)

# Metadata in which a look leaves to the next one what it found.
_TOKENS = "differing"


def build_shop_agreement_check(open_shop: OpenShop | None) -> dg.AssetChecksDefinition:
    """Make the check of every table of the shop as it is now.

    Args:
        open_shop: opens the shop's database; None if no setting tells where it is.
    """
    specs = [
        dg.AssetCheckSpec(AGREES, asset=contract.name, description=DESCRIPTIONS[AGREES])
        for contract in CURRENT_OLTP.values()
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
                    yield _look(op_context, contract.name, compare(lake, shop, table))
        except OltpUnavailable as fault:
            raise dg.Failure(description=str(fault), allow_retries=False) from None

    return shop_agreement


def _look(
    context: dg.OpExecutionContext, table_name: str, comparison: Comparison
) -> dg.AssetCheckResult:
    """The result of a comparison, with what the next look must know of it."""
    finding = judge_agreement(comparison, _found_before(context, table_name))
    tokens = sorted(comparison.tokens)[:MOST_ON_THEIR_WAY]
    return dg.AssetCheckResult(
        asset_key=table_name,
        check_name=AGREES,
        passed=finding.passed,
        severity=severity(finding),
        description=finding.message or None,
        metadata={**finding.numbers, _TOKENS: dg.MetadataValue.json(tokens)},
    )


def _found_before(context: dg.OpExecutionContext, table_name: str) -> list[str] | None:
    """What the last look of another run found; None if there was none."""
    records = context.instance.event_log_storage.get_asset_check_execution_history(
        dg.AssetCheckKey(dg.AssetKey(table_name), AGREES), limit=2
    )
    for record in records:
        event = record.event and record.event.dagster_event
        if record.run_id != context.run_id and event and event.event_specific_data:
            told = getattr(event.event_specific_data, "metadata", {}).get(_TOKENS)
            if told is not None:
                return list(told.value)
    return None
