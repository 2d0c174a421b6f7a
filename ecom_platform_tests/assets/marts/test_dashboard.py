"""The asset bi_dashboard: a page beside the tables, and what the user interface shows of it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg

from ecom_platform.assets.marts.dashboard import BI_DASHBOARD, last_results
from ecom_platform.definitions import build_defs
from ecom_platform.jobs import MARTS_DAILY_JOB
from ecom_platform.pipeline.dashboard import CheckResult
from ecom_platform_tests.dashboard_in_small import publish_facts

if TYPE_CHECKING:
    from ecom_platform.lake.lake import Lake


def test_the_page_lies_beside_the_tables_and_is_linked(lake: Lake) -> None:
    publish_facts(lake, 5, lost_on=4)
    job = build_defs(lake.settings).resolve_job_def(MARTS_DAILY_JOB.name)
    with dg.DagsterInstance.ephemeral() as instance:
        ended = job.execute_in_process(
            instance=instance, asset_selection=[dg.AssetKey(BI_DASHBOARD)]
        )
    (told,) = ended.asset_materializations_for_node(BI_DASHBOARD)
    page = lake.settings.lake_path / "dashboard" / "index.html"
    assert told.metadata["page"].value == str(page)
    assert told.metadata["link"].value == page.as_uri()
    assert "address bar" in told.metadata["how_to_open"].value
    assert told.metadata["bytes"].value == page.stat().st_size
    assert told.metadata["dates"].value == 5
    assert told.metadata["incomplete_dates"].value == 1
    assert told.metadata["last_date"].value == "2020-04-05"
    assert "mart_funnel" in told.metadata["not_published_yet"].value
    assert "purchase events where about 400 are usual" in Path(page).read_text(encoding="utf-8")


def test_the_last_result_of_a_check_counts() -> None:
    key = dg.AssetCheckKey(dg.AssetKey("fact_user_events"), "minimum_rows")
    never = dg.AssetCheckKey(dg.AssetKey("fact_user_events"), "schema_conforms")
    with dg.DagsterInstance.ephemeral() as instance:
        for passed, said in ((True, ""), (False, "9 rows")):
            instance.report_runless_asset_event(
                dg.AssetCheckEvaluation(
                    asset_key=key.asset_key,
                    check_name=key.name,
                    passed=passed,
                    metadata={},
                    severity=dg.AssetCheckSeverity.WARN,
                    description=said,
                )
            )
        found = last_results(instance, [key, never])
    assert found == [CheckResult("fact_user_events", "minimum_rows", "warning", True, "9 rows")]


def test_it_is_written_again_when_late_data_have_changed_a_mart(lake: Lake) -> None:
    defs = build_defs(lake.settings)
    page = dg.AssetKey(BI_DASHBOARD)
    graph = defs.resolve_asset_graph()
    with dg.DagsterInstance.ephemeral() as instance:

        def changed(key: dg.AssetKey) -> None:
            partition = "2020-04-01" if graph.get(key).partitions_def else None
            instance.report_runless_asset_event(dg.AssetMaterialization(key, partition=partition))

        def is_asked_for(minute: int, cursor: Any = None) -> tuple[bool, Any]:
            result = dg.evaluate_automation_conditions(
                defs=defs,
                instance=instance,
                asset_selection=dg.AssetSelection.assets(page),
                cursor=cursor,
                evaluation_time=dt.datetime(2020, 6, 1, 12, minute, tzinfo=dt.UTC),
            )
            return result.get_num_requested(page) == 1, result.cursor

        for key in [*graph.get(page).parent_keys, page]:
            changed(key)
        _, cursor = is_asked_for(0)
        asked, cursor = is_asked_for(1, cursor)
        assert not asked
        changed(dg.AssetKey("mart_sales"))
        asked, _ = is_asked_for(2, cursor)
        assert asked
