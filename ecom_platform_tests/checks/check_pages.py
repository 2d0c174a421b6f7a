"""Check pages: runs through Dagster, and what it stores of checks, date by date.

Belongs here: running jobs and checks, reading their states. Not here: bad rows (tampering.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import dagster as dg
from dagster._core.storage.event_log.base import PartitionKeyFilter

from ecom_platform.checks.shop import SHOP_CONTRACTS
from ecom_platform.contracts.model import DIMENSIONS, PARTIALS
from ecom_platform.pipeline.inputs import MULTIDAY
from ecom_platform.pipeline.marts import (
    MART_STEPS,
    MART_WHOLE_STEPS,
    PROFILE_LAKE_STEPS,
    PROFILE_STEPS,
)

if TYPE_CHECKING:
    from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecord

EVENT_TABLES = ("raw_events", "clean_events", "fact_user_events")
PARTIAL_NAMES = tuple(contract.name for contract in PARTIALS)
PROFILE_NAMES = tuple(PROFILE_STEPS)
MART_NAMES = (MULTIDAY, *MART_STEPS)
DIMENSION_NAMES = tuple(contract.name for contract in DIMENSIONS)
SHOP_NAMES = {contract.name for contract in SHOP_CONTRACTS}
# Tables without dates.
WHOLE_NAMES = (*DIMENSION_NAMES, *PROFILE_LAKE_STEPS, *MART_WHOLE_STEPS)


@dataclass(frozen=True)
class Shown:
    """What a check's page shows of one partition, or of a table without partitions.

    Attributes:
        state: SUCCEEDED, FAILED, SKIPPED or EXECUTION_FAILED.
        is_current: whether the result is of the newest materialization.
        numbers: its metadata.
    """

    state: str
    is_current: bool = True
    severity: str = ""
    blocking: bool = False
    message: str = ""
    numbers: dict[str, Any] | None = None


@dataclass
class CheckPages:
    """The definitions of a lake with an instance of Dagster that keeps what runs tell it."""

    defs: dg.Definitions
    instance: dg.DagsterInstance

    def run(
        self,
        job: str,
        first: dt.date | None = None,
        last: dt.date | None = None,
        only: Iterable[str] = (),
    ) -> dg.ExecuteInProcessResult:
        """Run a job, or some of its assets, for one date, a range, or without dates."""
        selection = [dg.AssetKey(name) for name in only]
        return self.defs.resolve_job_def(job).execute_in_process(
            instance=self.instance,
            asset_selection=selection or None,
            raise_on_error=False,
            tags=_tags(first, last),
        )

    def run_checks(
        self,
        tables: Iterable[str],
        first: dt.date | None = None,
        last: dt.date | None = None,
        only: Iterable[str] = (),
    ) -> dg.ExecuteInProcessResult:
        """Execute checks of tables, and nothing else, as the button on the check page does.

        Args:
            tables: whose checks.
            first, last: the dates.
            only: names of checks; all when empty.
        """
        job = self.defs.resolve_implicit_global_asset_job_def()
        wanted = {
            key for table in tables for key in self.keys(table) if not only or key.name in only
        }
        subset = job.get_subset(asset_check_selection=wanted)
        return subset.execute_in_process(
            instance=self.instance, raise_on_error=False, tags=_tags(first, last)
        )

    @property
    def tables(self) -> list[str]:
        """The tables that have checks; the shop's have a lake of their own (test_shop.py)."""
        graph = self.defs.resolve_asset_graph()
        names = {key.asset_key.to_user_string() for key in graph.asset_check_keys}
        return sorted(names - SHOP_NAMES)

    def keys(self, table: str) -> list[dg.AssetCheckKey]:
        """The checks of a table."""
        graph = self.defs.resolve_asset_graph()
        return sorted(graph.get_check_keys_for_assets({dg.AssetKey(table)}), key=lambda k: k.name)

    def names(self, table: str) -> list[str]:
        """The names of a table's checks."""
        return [key.name for key in self.keys(table)]

    def states(self, table: str) -> dict[str, dict[str, str]]:
        """The state of every partition that has a current one, by check.

        As automation and the partitions tab see it: results of older materializations are gone.
        """
        partitions = self.defs.resolve_asset_graph().get(dg.AssetKey(table)).partitions_def
        storage = self.instance.event_log_storage
        states = storage.get_asset_check_state([(key, partitions) for key in self.keys(table)])
        return {
            key.name: {
                partition: status.value
                for status, subset in state.subsets.items()
                for partition in subset.subset_value.get_partition_keys()
            }
            for key, state in states.items()
        }

    def shown(self, table: str, check: str, date: dt.date | None = None) -> Shown:
        """The newest result of a check: of one date, or of a table without dates."""
        key = dg.AssetCheckKey(dg.AssetKey(table), check)
        partition = PartitionKeyFilter(key=date.isoformat() if date else None)
        storage = self.instance.event_log_storage
        record = storage.get_latest_asset_check_execution_by_key([key], partition).get(key)
        if record is None:
            return Shown("NEVER")
        state = self._state(record)
        evaluation = record.evaluation if state in ("SUCCEEDED", "FAILED") else None
        if evaluation is None:
            return Shown(state)
        return Shown(
            state,
            self._is_current(record),
            evaluation.severity.value,
            evaluation.blocking,
            evaluation.description or "",
            {name: value.value for name, value in evaluation.metadata.items()},
        )

    def of_date(self, table: str, date: dt.date | None = None) -> dict[str, Shown]:
        """The newest results of all checks of a table."""
        return {name: self.shown(table, name, date) for name in self.names(table)}

    def _state(self, record: AssetCheckExecutionRecord) -> str:
        if record.status.value != "PLANNED":
            return record.status.value
        run = self.instance.get_run_by_id(record.run_id)
        assert run
        failed = run.status == dg.DagsterRunStatus.FAILURE
        return "EXECUTION_FAILED" if failed else "SKIPPED"

    def _is_current(self, record: AssetCheckExecutionRecord) -> bool:
        """Whether it names the newest materialization as the one it is about."""
        wanted = dg.AssetRecordsFilter(
            record.key.asset_key,
            asset_partitions=[record.partition] if record.partition else None,
        )
        newest = self.instance.fetch_materializations(wanted, limit=1).records
        assert record.evaluation
        target = record.evaluation.target_materialization_data
        if not newest:
            return target is None
        return target is not None and target.storage_id == newest[0].storage_id


def _tags(first: dt.date | None, last: dt.date | None) -> dict[str, str]:
    if first and last:
        return {
            "dagster/asset_partition_range_start": first.isoformat(),
            "dagster/asset_partition_range_end": last.isoformat(),
        }
    return {"dagster/partition": first.isoformat()} if first else {}
