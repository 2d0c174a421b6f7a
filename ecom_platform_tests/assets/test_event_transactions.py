"""Events stored in one transaction: held to the storage of the installed version of Dagster."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.asset_checks.asset_check_evaluation import AssetCheckEvaluation

from ecom_platform.assets.event_transactions import one_transaction

CHECK = dg.AssetCheckKey(dg.AssetKey("table"), "check")
KEYS = ["2020-04-01", "2020-04-02", "2020-04-03"]


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        yield instance


def report(instance: dg.DagsterInstance, key: str) -> None:
    instance.report_runless_asset_event(
        AssetCheckEvaluation(
            asset_key=CHECK.asset_key,
            check_name=CHECK.name,
            passed=True,
            metadata={},
            partition=key,
        )
    )


def stored(instance: dg.DagsterInstance) -> set[str | None]:
    storage = instance.event_log_storage
    return {r.partition for r in storage.get_asset_check_execution_history(CHECK, limit=100)}


def seen_by_others(instance: dg.DagsterInstance) -> set[str | None]:
    with ThreadPoolExecutor(1) as other:
        return other.submit(stored, instance).result()


def test_events_of_a_block_become_visible_together(instance: dg.DagsterInstance) -> None:
    report(instance, KEYS[0])
    with one_transaction(instance):
        for key in KEYS[1:]:
            report(instance, key)
        assert stored(instance) == set(KEYS)
        assert seen_by_others(instance) == {KEYS[0]}
    assert seen_by_others(instance) == set(KEYS)


def test_of_a_block_that_fails_nothing_is_stored(instance: dg.DagsterInstance) -> None:
    def fail() -> None:
        with one_transaction(instance):
            report(instance, KEYS[0])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert stored(instance) == set()
    report(instance, KEYS[1])
    assert stored(instance) == {KEYS[1]}


def test_within_a_block_a_database_is_opened_once(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = instance.event_log_storage
    opened, connect = [], storage._connect
    monkeypatch.setattr(
        type(storage), "_connect", lambda _, shard: opened.append(shard) or connect(shard)
    )
    report(instance, KEYS[0])
    of_one = len(opened)
    opened.clear()
    with one_transaction(instance):
        for key in KEYS[1:]:
            report(instance, key)
    assert len(opened) == len(set(opened)) < of_one


def test_other_storages_keep_connections_of_their_own() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        with one_transaction(instance):
            report(instance, KEYS[0])
        assert stored(instance) == {KEYS[0]}
