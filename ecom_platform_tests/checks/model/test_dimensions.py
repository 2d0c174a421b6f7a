"""The checks of the dimensions fail on bad rows, and where events are not counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg
import pytest

from ecom_platform.checks.model.dimensions import judge_dimension
from ecom_platform.contracts.model import DIM_USERS
from ecom_platform.definitions import build_defs
from ecom_platform.lake.audit import measure
from ecom_platform.pipeline.model import DIMENSION_STEPS
from ecom_platform.pipeline.slice_build import Workplace
from ecom_platform_tests.checks.bad_rows import DIMENSIONS
from ecom_platform_tests.checks.check_pages import DIMENSION_NAMES, CheckPages
from ecom_platform_tests.checks.faults import Fault, lose_a_row
from ecom_platform_tests.checks.tampering import published_instead
from ecom_platform_tests.dimensions_in_small import run_all
from ecom_platform_tests.samples import DAY, at

if TYPE_CHECKING:
    from ecom_platform.settings import Settings
    from ecom_platform_tests.checks.conftest import JudgedLake
    from ecom_platform_tests.platform_in_small import SmallPlatform


@pytest.mark.parametrize("fault", DIMENSIONS, ids=str)
def test_a_fault_is_found_by_its_check_and_by_no_other(judged: JudgedLake, fault: Fault) -> None:
    judged.assert_found(fault)


@pytest.mark.parametrize("table", DIMENSION_NAMES)
def test_every_check_of_a_dimension_protects_its_readers(judged: JudgedLake, table: str) -> None:
    assert all(finding.blocking for finding in judged.findings(table).values())


def test_events_of_the_fact_that_no_partial_knows_are_missed(judged: JudgedLake) -> None:
    with published_instead(judged.lake, "fact_user_events", lambda rows: [*rows, *rows[:2]], DAY):
        for table in ("dim_users", "dim_products"):
            finding = judged.findings(table)["row_count_reconciles"]
            assert not finding.passed
            assert finding.numbers["difference"] == 2


def test_products_that_the_partial_does_not_have_are_one_too_many(judged: JudgedLake) -> None:
    def one_more(rows):
        return [*rows, {**rows[0], "product_id": 999_999}]

    with published_instead(judged.lake, "dim_product_versions", one_more):
        found = judged.findings("dim_product_versions")
    assert found["row_count_reconciles"].numbers["difference"] == -1
    assert found["versions_follow_each_other"].passed


def test_dates_after_the_as_of_date_are_not_counted(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1))
    run_all(platform)
    platform.drop("b.csv", at(1, day=DAY.replace(day=2)))
    platform.run()
    for name in DIMENSION_NAMES:
        found = judge_dimension(DIMENSION_STEPS[name], platform.work)
        assert all(finding.passed for finding in found), name
        assert len(found) > 4


def test_the_run_that_publishes_a_dimension_takes_over_what_its_audit_counted(
    platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.drop("a.csv", at(1), at(2))
    run_all(platform)
    another = Workplace(platform.lake, platform.work.open_spark, "another run")
    counted = []

    def listen(rows, contract):
        counted.append(contract.name)
        return measure(rows, contract)

    monkeypatch.setattr("ecom_platform.checks.model.dimensions.measure", listen)
    for name in DIMENSION_NAMES:
        taken_over = judge_dimension(DIMENSION_STEPS[name], platform.work)
        assert counted == []
        assert taken_over == judge_dimension(DIMENSION_STEPS[name], another)
        assert counted == [name]
        counted.clear()
    # What its audit did not count is counted: a row more, or a rule that is new.
    with published_instead(platform.lake, "dim_users", lambda rows: [*rows, rows[0]]):
        found = {f.check: f for f in judge_dimension(DIMENSION_STEPS["dim_users"], platform.work)}
    assert not found["primary_key_is_unique"].passed
    rules = DIM_USERS.rules
    new = (*rules, type(rules[0])("row_rules", "a_new_rule", "user_id > 0"))
    monkeypatch.setitem(DIM_USERS.__dict__, "rules", new)
    found = {f.check: f for f in judge_dimension(DIMENSION_STEPS["dim_users"], platform.work)}
    assert found["row_rules"].numbers["a_new_rule"] == 1
    assert counted == ["dim_users", "dim_users"]


def test_before_its_first_publication_there_is_nothing_to_judge(
    settings: Settings, platform: SmallPlatform
) -> None:
    for name in DIMENSION_NAMES:
        assert judge_dimension(DIMENSION_STEPS[name], platform.work) == []
    with dg.DagsterInstance.ephemeral() as instance:
        pages = CheckPages(build_defs(settings), instance)
        assert pages.run("dimensions_daily_job", only=DIMENSION_NAMES).success
        for name in DIMENSION_NAMES:
            states = {shown.state for shown in pages.of_date(name).values()}
            assert states == {"SKIPPED"}, name


def test_a_red_dimension_fails_its_run(judged: JudgedLake) -> None:
    with published_instead(judged.lake, "dim_users", lose_a_row):
        run = judged.pages.run("dimensions_daily_job", only=["dim_users"])
        shown = judged.pages.shown("dim_users", "row_count_reconciles")
    assert not run.success
    assert (shown.state, shown.is_current, shown.numbers["difference"]) == ("FAILED", True, 15)
    assert judged.pages.run("dimensions_daily_job", only=["dim_users"]).success
    shown = judged.pages.shown("dim_users", "row_count_reconciles")
    assert (shown.state, shown.is_current) == ("SUCCEEDED", True)
