"""What every asset says of itself, derived from its contract.

Belongs here: descriptions, schemas, owners and kinds for the UI. Not here: anything that runs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import dagster as dg

from ecom_platform.contracts.table import Column, TableContract

OWNERS = ["team:data-platform"]

# One run covers any range of dates: thousands of dates cost one start of the engine.
BACKFILL_POLICY = dg.BackfillPolicy.single_run()

# One run at a time on one machine: each starts an engine that uses all cores. Runs wait in the
# queue for the pool; its limit is in dagster.yaml.
POOL = "engine"

# Late objects touch dates that no schedule looks at. The usual eager condition looks only at
# the newest date, so that part of it goes. It also takes no notice of inputs that a run updated
# which was to build this table too; but a run that refuses a date ends without building it, of
# the good dates neither. Those that were built are handled, and so not asked for again.
REBUILD_WHEN_INPUT_CHANGES = (
    dg.AutomationCondition.eager()
    .without(dg.AutomationCondition.in_latest_time_window())
    .replace("newly_updated_without_root", dg.AutomationCondition.newly_updated())
    .with_label("rebuild any date whose input changed")
)

# As above, for tables of dates that have ended. Late rows of yesterday evening are still arriving
# in the first hours, so its first build is the nightly schedule's.
_IS_LEFT_TO_THE_NIGHT = (
    dg.AutomationCondition.missing() & dg.AutomationCondition.in_latest_time_window()
)
REBUILD_CLOSED_DATE_WHEN_INPUT_CHANGES = (
    REBUILD_WHEN_INPUT_CHANGES & ~_IS_LEFT_TO_THE_NIGHT
).with_label("rebuild any closed date whose input changed")


def rebuild_when_a_partial_changes(
    but_not: Sequence[str] = (),
) -> dg.AutomationCondition[Any]:
    """For tables without dates: rebuilt when a date of a partial changed.

    The usual eager condition waits until no date of an input is missing, and there are always
    dates without events.

    Args:
        but_not: inputs that change all the time; the nightly run takes them in.
    """
    updated = dg.AutomationCondition.any_deps_updated()
    if but_not:
        updated = updated.ignore(dg.AssetSelection.assets(*but_not))
    return (
        updated.since_last_handled()
        & ~dg.AutomationCondition.any_deps_in_progress()
        & ~dg.AutomationCondition.in_progress()
    ).with_label("rebuild when a date of a partial changed")


def asset_spec(
    contract: TableContract,
    *,
    kinds: set[str],
    deps: Sequence[dg.AssetDep | str] = (),
    automation: dg.AutomationCondition[Any] | None = None,
) -> dg.AssetSpec:
    """What Dagster needs to know of a table.

    Args:
        contract: the table.
        kinds: technologies, shown as badges.
        deps: the tables it is built from.
        automation: when it is rebuilt without a schedule.
    """
    return dg.AssetSpec(
        key=contract.name,
        deps=list(deps),
        group_name=contract.layer,
        description=f"{contract.description}\n\nGrain: {contract.grain}. "
        f"Key: {', '.join(contract.key)}. Refreshed: {contract.cadence}.",
        kinds=kinds,
        owners=OWNERS,
        automation_condition=automation,
        metadata={
            "dagster/column_schema": dg.TableSchema(
                columns=[_table_column(column) for column in contract.columns]
            ),
            "dagster/table_name": f"ecom.{contract.name}",
            **_lineage(contract),
        },
    )


def _lineage(contract: TableContract) -> dict[str, dg.TableColumnLineage]:
    """Column lineage as Dagster stores it.

    It belongs to the definition: Dagster falls back to it where a materialization has none, and
    repeated with every materialization it would only fill the event log.
    """
    if not contract.lineage:
        return {}
    deps = {
        column.name: [dg.TableColumnDep(dg.AssetKey(s.table), s.column) for s in column.sources]
        for column in contract.columns
    }
    return {"dagster/column_lineage": dg.TableColumnLineage(deps)}


def _table_column(column: Column) -> dg.TableColumn:
    unit = f" ({column.unit})" if column.unit else ""
    return dg.TableColumn(
        name=column.name,
        type=column.spark_type.simpleString(),
        description=column.description + unit + _origin(column),
        constraints=dg.TableColumnConstraints(
            nullable=column.nullable, other=list(column.accepted)
        ),
        tags={"pii": ""} if column.is_pii else {},
    )


def _origin(column: Column) -> str:
    """The sources of a column, with links: the free user interface draws no column lineage."""
    by_table: dict[str, list[str]] = defaultdict(list)
    for source in column.sources:
        by_table[source.table].append(source.column)
    return "".join(
        f"\n\nFrom [{table}](/assets/{table}): {', '.join(f'`{name}`' for name in names)}"
        for table, names in by_table.items()
    )
