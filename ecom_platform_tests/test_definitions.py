"""The graph as Dagster sees it, in words."""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Iterable
from typing import TYPE_CHECKING

import dagster as dg

from ecom_platform.contracts import TABLES
from ecom_platform.definitions import build_defs

if TYPE_CHECKING:
    from ecom_platform.settings import Settings

# What a change of the graph must be: wanted, and read by whoever reviews it.
GRAPH = """
asset bi_dashboard: marts, unpartitioned, automated, from
    eda_profile_lake, mart_activity, mart_carts, mart_cohorts, mart_daily_users, mart_funnel,
    mart_prices, mart_products, mart_sales, mart_sessions, mart_users, row_ledger
asset clean_events: clean, daily from 2019-10-01, automated, from
    raw_events
asset dim_product_versions: model, unpartitioned, automated, from
    product_version_days
asset dim_products: model, unpartitioned, automated, from
    product_buyer_days, product_days, product_version_days
asset dim_users: model, unpartitioned, automated, from
    session_days, user_taste_days
asset eda_profile: marts, daily from 2019-10-01, automated, from
    value_days
asset eda_profile_lake: marts, unpartitioned, automated, from
    value_days
asset fact_user_events: model, daily from 2019-10-01, automated, from
    clean_events
asset funnel_days: marts, daily from 2019-10-01, automated, from
    fact_user_events, session_days
asset lake_maintenance: ledger, unpartitioned, from
    nothing
asset mart_activity: marts, daily from 2019-10-01, automated, from
    fact_user_events, session_days
asset mart_carts: marts, daily from 2019-10-01, automated, from
    fact_user_events, multiday_session_events, session_days
asset mart_cohorts: marts, unpartitioned, automated, from
    session_days
asset mart_daily_users: marts, unpartitioned, automated, from
    session_days
asset mart_funnel: marts, daily from 2019-10-01, automated, from
    funnel_days, multiday_session_events
asset mart_prices: marts, daily from 2019-10-01, automated, from
    mart_products
asset mart_products: marts, daily from 2019-10-01, automated, from
    fact_user_events, product_version_days, session_days
asset mart_sales: marts, daily from 2019-10-01, automated, from
    fact_user_events
asset mart_sessions: marts, daily from 2019-10-01, automated, from
    multiday_session_events, session_length_days
asset mart_users: marts, unpartitioned, automated, from
    session_days
asset multiday_session_events: marts, daily from 2019-10-01, automated, from
    fact_user_events, session_days
asset product_buyer_days: model, daily from 2019-10-01, automated, from
    fact_user_events
asset product_days: model, daily from 2019-10-01, automated, from
    fact_user_events
asset product_version_days: model, daily from 2019-10-01, automated, from
    clean_events
asset raw_events: raw, daily from 2019-10-01, from
    nothing
asset rejected_events: clean, daily from 2019-10-01, automated, from
    raw_events
asset row_ledger: ledger, daily from 2019-10-01, automated, from
    clean_events, fact_user_events, raw_events, rejected_events
asset session_days: model, daily from 2019-10-01, automated, from
    fact_user_events
asset session_length_days: marts, daily from 2019-10-01, automated, from
    fact_user_events, session_days
asset user_taste_days: model, daily from 2019-10-01, automated, from
    fact_user_events
asset value_days: marts, daily from 2019-10-01, automated, from
    raw_events

job dimensions_daily_job
    dim_product_versions, dim_products, dim_users, product_buyer_days, product_days,
    product_version_days, session_days, user_taste_days
job events_hourly_job
    clean_events, fact_user_events, raw_events, rejected_events, row_ledger
job lake_maintenance_daily_job
    lake_maintenance
job marts_daily_job
    bi_dashboard, funnel_days, mart_activity, mart_carts, mart_cohorts, mart_daily_users,
    mart_funnel, mart_prices, mart_products, mart_sales, mart_sessions, mart_users,
    multiday_session_events, session_length_days
job profile_daily_job
    eda_profile, eda_profile_lake, value_days

schedule dimensions_daily_schedule: dimensions_daily_job at 0 2 * * * UTC, running
schedule events_hourly_schedule: events_hourly_job at 5 * * * * UTC, running
schedule lake_maintenance_daily_schedule: lake_maintenance_daily_job at 30 3 * * * UTC, running
schedule marts_daily_schedule: marts_daily_job at 30 2 * * * UTC, running
schedule profile_daily_schedule: profile_daily_job at 0 3 * * * UTC, running

sensor landing_events_sensor: events_hourly_job every 30 s, running
sensor late_data_sensor: automation, running
sensor overdue_dates_sensor: dimensions_daily_job, events_hourly_job, marts_daily_job,
    profile_daily_job every 900 s, running
"""


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
