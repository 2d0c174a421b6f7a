"""The check `agrees_with_the_shop`, with a real database, through Dagster."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
import pytest
from pydantic import SecretStr

from ecom_platform.definitions import build_defs
from ecom_platform.oltp.connection import connect
from ecom_platform_tests.oltp.living_shop import LivingShop

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

JOB = "shop_agreement_daily_job"


@pytest.fixture
def living(shop: str, tmp_path: Path, spark: SparkSession) -> Iterator[LivingShop]:
    living = LivingShop(shop, tmp_path, spark)
    living.flush()
    living.shop.run()
    yield living
    living.end()


def run(living: LivingShop, instance: dg.DagsterInstance, url: str | None) -> dict[str, bool]:
    """What the check says of every table; empty where it says nothing."""
    secret = SecretStr(url) if url else None
    settings = living.platform.lake.settings.model_copy(update={"oltp_url": secret})
    job = build_defs(settings).resolve_job_def(JOB)
    result = job.execute_in_process(instance=instance, raise_on_error=False)
    found = result.get_asset_check_evaluations()
    return {each.asset_key.to_user_string(): each.passed for each in found}


def test_it_fails_where_a_difference_stays_and_only_there(living: LivingShop) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        agreed = run(living, instance, living.url)
        assert set(agreed.values()) == {True}
        assert len(agreed) == 6
        with connect(living.url) as connection:
            connection.execute("UPDATE shop.brands SET brand_name = 'x' WHERE brand_id = 1")
        assert run(living, instance, living.url) == agreed, "it may be on its way"
        assert run(living, instance, living.url) == {**agreed, "oltp_brands": False}
        living.flush()
        living.shop.run()
        assert run(living, instance, living.url) == agreed


def test_without_a_database_it_is_skipped_and_says_so(
    living: LivingShop, capfd: pytest.CaptureFixture[str]
) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        assert run(living, instance, None) == {}
    said = capfd.readouterr()
    assert "skipped: nothing was compared, for ECOM_OLTP_URL does not say" in said.err + said.out


def test_a_wrong_password_is_told_in_one_line_without_it(
    living: LivingShop, capfd: pytest.CaptureFixture[str]
) -> None:
    user, _, place = living.url.removeprefix("postgresql://").partition("@")
    wrong = f"postgresql://{user.partition(':')[0]}:not-this-one@{place}"
    with dg.DagsterInstance.ephemeral() as instance:
        assert run(living, instance, wrong) == {}
    said = capfd.readouterr()
    assert "password authentication failed" in said.err + said.out
    assert "not-this-one" not in said.err + said.out
