"""The graph as Dagster sees it, in words."""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Iterable
from typing import TYPE_CHECKING

import dagster as dg

from ecom_platform.contracts import TABLES
from ecom_platform.definitions import build_defs
from ecom_platform_tests.agreed_graph import GRAPH

if TYPE_CHECKING:
    from ecom_platform.settings import Settings


def describe(defs: dg.Definitions) -> str:
    """The graph in words, in an order that does not depend on that of the code."""
    graph = defs.resolve_asset_graph()
    repository = defs.get_repository_def()
    jobs = [job for job in repository.get_all_jobs() if not job.name.startswith("__")]
    sections = (
        [asset_entry(graph.get(key)) for key in graph.get_all_asset_keys()],
        [f"job {job.name}\n{listed(job.asset_layer.executable_asset_keys)}" for job in jobs],
        [schedule_entry(schedule) for schedule in repository.schedule_defs],
        [sensor_entry(sensor) for sensor in repository.sensor_defs],
    )
    return "\n\n".join("\n".join(sorted(entries)) for entries in sections)


def listed(keys: Iterable[dg.AssetKey]) -> str:
    """Asset keys on indented lines."""
    names = ", ".join(sorted(key.to_user_string() for key in keys)) or "nothing"
    return textwrap.fill(names, 96, initial_indent="    ", subsequent_indent="    ")


def asset_entry(node) -> str:
    partitions = node.partitions_def
    when = f"daily from {partitions.start:%Y-%m-%d}" if partitions else "unpartitioned"
    automated = ", automated" if node.automation_condition else ""
    name = node.key.to_user_string()
    return f"asset {name}: {node.group_name}, {when}{automated}, from\n{listed(node.parent_keys)}"


def schedule_entry(schedule: dg.ScheduleDefinition) -> str:
    status = schedule.default_status.value.lower()
    when = f"{schedule.cron_schedule} {schedule.execution_timezone}"
    return f"schedule {schedule.name}: {schedule.job_name} at {when}, {status}"


def sensor_entry(sensor: dg.SensorDefinition) -> str:
    status = sensor.default_status.value.lower()
    if isinstance(sensor, dg.AutomationConditionSensorDefinition):
        return f"sensor {sensor.name}: automation, {status}"
    seconds = sensor.minimum_interval_seconds
    jobs = ", ".join(sorted(target.job_name for target in sensor.targets))
    entry = f"sensor {sensor.name}: {jobs} every {seconds} s, {status}"
    return textwrap.fill(entry, 96, subsequent_indent="    ")


def test_the_graph_is_the_one_that_was_agreed_on(settings: Settings) -> None:
    assert describe(build_defs(settings)) == GRAPH.strip()


def test_the_definitions_can_be_loaded_as_a_whole(settings: Settings) -> None:
    dg.Definitions.validate_loadable(build_defs(settings))


def test_every_asset_is_a_table_and_says_what_its_contract_says(settings: Settings) -> None:
    graph = build_defs(settings).resolve_asset_graph()
    keys = {key.to_user_string() for key in graph.get_all_asset_keys()}
    assert keys - TABLES.keys() == {"lake_maintenance", "bi_dashboard"}  # work on tables, and none
    for key in sorted(keys & TABLES.keys()):
        node, contract = graph.get(dg.AssetKey(key)), TABLES[key]
        assert node.group_name == contract.layer
        assert contract.description in (node.description or "")
        assert contract.grain in (node.description or "")
        assert node.owners == ["team:data-platform"]
        assert node.kinds
        schema = node.metadata["dagster/column_schema"]
        assert [(c.name, c.type) for c in schema.columns] == [
            (c.name, c.spark_type.simpleString()) for c in contract
        ]
        for column, promised in zip(schema.columns, contract, strict=True):
            assert promised.description in (column.description or "")
            assert column.constraints.nullable == promised.nullable
            assert ("pii" in column.tags) == promised.is_pii


def test_one_range_run_covers_any_number_of_dates(settings: Settings) -> None:
    graph = build_defs(settings).resolve_asset_graph()
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        if node.partitions_def:
            assert node.backfill_policy == dg.BackfillPolicy.single_run()


def test_today_is_a_partition_and_tomorrow_is_none(settings: Settings) -> None:
    partitions = build_defs(settings).resolve_asset_graph().get(dg.AssetKey("raw_events"))
    noon = dt.datetime(2020, 4, 1, 12, tzinfo=dt.UTC)
    with dg.partition_loading_context(effective_dt=noon):
        keys = partitions.partitions_def.get_partition_keys()
    assert (keys[0], keys[-1]) == ("2019-10-01", "2020-04-01")


def test_the_first_date_is_that_of_the_settings(settings: Settings) -> None:
    later = settings.model_copy(update={"start_date": dt.date(2020, 4, 1)})
    graph = build_defs(later).resolve_asset_graph()
    partitions = [graph.get(key).partitions_def for key in graph.get_all_asset_keys()]
    assert {dated.start.date() for dated in partitions if dated} == {dt.date(2020, 4, 1)}
