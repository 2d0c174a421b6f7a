"""The check `agrees_with_the_shop`, with a real database, through Dagster."""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
import pytest
from pydantic import SecretStr

from ecom_platform.definitions import build_defs
from ecom_platform.errors import OltpFailed
from ecom_platform.oltp.connection import connect
from ecom_platform.oltp.reader import ShopReader
from ecom_platform.oltp.simulate import simulate
from ecom_platform.pipeline.shop import histories, points
from ecom_platform_tests.checks.faults import first
from ecom_platform_tests.checks.tampering import published_instead
from ecom_platform_tests.oltp.living_shop import LivingShop

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from ecom_platform_tests.oltp.conftest import Ask

JOB = "shop_agreement_daily_job"


@pytest.fixture
def living(shop: str, tmp_path: Path, spark: SparkSession) -> Iterator[LivingShop]:
    living = LivingShop(shop, tmp_path, spark)
    follow(living)
    yield living
    living.end()


def follow(living: LivingShop) -> None:
    """What was committed until now arrives and is folded."""
    living.flush()
    living.shop.run()


def results(
    living: LivingShop, instance: dg.DagsterInstance, url: str | None
) -> dict[str, dg.AssetCheckEvaluation]:
    """What the check says of every table; empty where it says nothing."""
    secret = SecretStr(url) if url else None
    settings = living.platform.lake.settings.model_copy(update={"oltp_url": secret})
    job = build_defs(settings).resolve_job_def(JOB)
    result = job.execute_in_process(instance=instance, raise_on_error=False)
    return {each.asset_key.to_user_string(): each for each in result.get_asset_check_evaluations()}


def run(living: LivingShop, instance: dg.DagsterInstance, url: str | None) -> dict[str, bool]:
    """Whether the check passes, by table."""
    return {table: each.passed for table, each in results(living, instance, url).items()}


@contextlib.contextmanager
def never_pausing(url: str) -> Iterator[None]:
    """The shop lives for as long as this lasts."""
    is_over, faults = threading.Event(), []

    def live() -> None:
        seed = 100
        while not is_over.is_set():
            seed += 1
            try:
                simulate(url, transactions=20, seed=seed)
            except Exception as fault:  # noqa: BLE001  raised again by the thread that waits
                faults.append(fault)
                return

    thread = threading.Thread(target=live)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()
    assert not faults


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stand-in writes all tables at once, and this server's commits are seen at once."""
    monkeypatch.setattr(points, "ARRIVED_AFTER", dt.timedelta(0))
    monkeypatch.setattr(histories, "UNSURE", dt.timedelta(seconds=2))


@pytest.mark.usefixtures("quick")
def test_a_shop_that_never_pauses_is_judged_and_what_it_did_not_do_is_named(
    living: LivingShop,
) -> None:
    lake = living.platform.lake
    with dg.DagsterInstance.ephemeral() as instance, never_pausing(living.url):
        early = results(living, instance, living.url)
        waiting = [table for table, each in early.items() if not each.metadata["judged"].value]
        assert {"oltp_sessions", "oltp_events"} <= set(waiting), "the lake is behind"
        follow(living)
        found = results(living, instance, living.url)
        assert {each.passed for each in (*early.values(), *found.values())} == {True}
        assert [found[table].metadata["judged"].value for table in waiting] == [1] * len(waiting)
        with connect(living.url) as connection:
            slot = "s_" + living.url.rpartition("/")[2]
            # Both sides of it are in one transaction: the shop's own changes are not dropped.
            connection.execute(f"ALTER PUBLICATION {slot} DROP TABLE shop.users")
            (user,) = connection.execute(
                "INSERT INTO shop.users SELECT max(user_id) + 1000000, 'Eve', 'e@x', now() "
                "FROM shop.users RETURNING user_id"
            ).fetchone()  # type: ignore[misc]  # it returns a row
            connection.execute(f"ALTER PUBLICATION {slot} ADD TABLE shop.users")
        wrong = first(category_name="of nobody")
        with published_instead(lake, "oltp_categories", wrong):
            follow(living)
            results(living, instance, living.url)
            follow(living)
            late = results(living, instance, living.url)
    failed = {table: each.description or "" for table, each in late.items() if not each.passed}
    assert set(failed) == {"oltp_users", "oltp_categories"}
    assert f" {user}" in failed["oltp_users"]
    category = min(row["category_id"] for row in living.shop.current("categories"))
    assert failed["oltp_categories"].endswith(f"all {category}")
    assert not {"Eve", "of nobody"} & set(repr(late).split("'"))


def test_a_change_that_nobody_delivers_fails_in_the_end_and_passes_when_it_has_come(
    living: LivingShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        agreed = run(living, instance, living.url)
        assert set(agreed.values()) == {True}
        assert len(agreed) == 6
        with connect(living.url) as connection:
            connection.execute("UPDATE shop.brands SET brand_name = 'x' WHERE brand_id = 1")
        assert run(living, instance, living.url) == agreed, "it may be on its way"
        assert run(living, instance, living.url) == agreed, "the lake is not past the point"
        monkeypatch.setattr(points, "LONGEST_WAIT", dt.timedelta(0))
        assert run(living, instance, living.url) == {**agreed, "oltp_brands": False}
        follow(living)
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


def test_who_may_not_read_the_shop_is_told_so_in_one_line(shop: str, ask: Ask) -> None:
    ask(shop, "CREATE ROLE stranger LOGIN PASSWORD 'p'")
    place = shop.rpartition("@")[2]
    tables = [{"name": "brands", "columns": [("brand_id", "plain")], "key": ("brand_id",),
               "date": None, "hash_key": b""}]  # fmt: skip
    try:
        with connect(f"postgresql://stranger:p@{place}") as connection:
            reader = ShopReader(connection, tables)
            with pytest.raises(OltpFailed, match="permission denied") as refused:
                reader.sums_by_date("brands")
        assert "\n" not in str(refused.value)
    finally:
        ask(shop, "DROP ROLE stranger")
