"""The replicator against a real database: nothing is lost, and what it cannot say it refuses."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from ecom_platform.errors import OltpFailed
from ecom_platform.oltp.connection import connect
from ecom_platform.oltp.replicator import source
from ecom_platform.oltp.replicator.files import DmsFile
from ecom_platform.oltp.simulate import simulate
from ecom_platform_tests.oltp.replicator.conftest import Task, assert_same, written

if TYPE_CHECKING:
    from pathlib import Path

    from ecom_platform_tests.oltp.conftest import Ask

    Patch = pytest.MonkeyPatch


def test_a_full_load_and_its_changes_are_the_database(
    shop: str, task: Task, tmp_path: Path, ask: Ask
) -> None:
    replicator = task()
    assert replicator.start()
    assert replicator.flush_all() == 0
    assert_same(tmp_path, shop, ask)
    for seed in (1, 2):
        simulate(shop, transactions=40, seed=seed)
        assert replicator.flush_all() > 40
        assert_same(tmp_path, shop, ask)
    assert replicator.flush_all() == 0
    replicator.close()
    simulate(shop, transactions=10, seed=3)
    again = task()
    assert not again.start()
    again.flush_all()
    assert_same(tmp_path, shop, ask)


def test_what_is_committed_during_the_full_load_is_a_change(
    shop: str, task: Task, tmp_path: Path, ask: Ask, monkeypatch: Patch
) -> None:
    original = DmsFile.finish

    def meanwhile(self: DmsFile, **options: Any) -> None:
        simulate(shop, transactions=3, seed=len(list(tmp_path.rglob("*"))))
        original(self, **options)

    replicator = task()
    with monkeypatch.context() as life:
        life.setattr(DmsFile, "finish", meanwhile)
        replicator.start()
    assert replicator.flush_all() > 0
    assert_same(tmp_path, shop, ask)


def test_a_change_of_a_key_is_a_delete_and_an_insert(
    shop: str, task: Task, tmp_path: Path, ask: Ask
) -> None:
    replicator = task()
    replicator.start()
    ask(shop, "UPDATE shop.brands SET brand_id = 99999 WHERE brand_id = 1")
    ask(shop, "DELETE FROM shop.events WHERE event_id = 1")
    replicator.flush_all()
    brands = [row for row in written(tmp_path, "brands") if row["change_seq"]]
    assert [(row["Op"], row["brand_id"]) for row in brands] == [("D", 1), ("I", 99999)]
    assert len({row["committed_at"] for row in brands}) == 1
    (deleted,) = (row for row in written(tmp_path, "events") if row["Op"] == "D")
    values = {name: value for name, value in deleted.items() if value is not None}
    assert values.keys() == {"Op", "committed_at", "event_id", "change_seq"}


def test_a_table_that_changes_its_columns_begins_another_file(
    shop: str, task: Task, tmp_path: Path, ask: Ask
) -> None:
    replicator = task()
    replicator.start()
    rename = "UPDATE shop.brands SET brand_name = 'a' || brand_id WHERE brand_id = %s"
    ask(shop, rename, 1)
    ask(shop, "ALTER TABLE shop.brands ADD COLUMN country text")
    ask(shop, rename, 2)
    ask(shop, "ALTER TABLE shop.brands DROP COLUMN country")
    ask(shop, rename, 3)
    replicator.flush_all()
    rows = [row for row in written(tmp_path, "brands") if row["change_seq"]]
    assert [(row["brand_id"], "country" in row) for row in rows] == [
        (1, False),
        (2, True),
        (3, False),
    ]


def test_a_whole_old_row_is_written_when_the_log_has_it(
    shop: str, task: Task, tmp_path: Path, ask: Ask
) -> None:
    ask(shop, "ALTER TABLE shop.events REPLICA IDENTITY FULL")
    replicator = task()
    replicator.start()
    ask(shop, "UPDATE shop.events SET price = price + 1 WHERE event_id = 2")
    ask(shop, "DELETE FROM shop.events WHERE event_id = 1")
    replicator.flush_all()
    changes = [row for row in written(tmp_path, "events") if row["change_seq"]]
    assert [row["Op"] for row in changes] == ["U", "D"]
    assert changes[1]["price"] is not None
    assert_same(tmp_path, shop, ask)


def test_a_long_value_that_the_log_does_not_have_is_refused_with_the_remedy(
    shop: str, task: Task, ask: Ask
) -> None:
    ask(shop, "ALTER TABLE shop.brands ADD COLUMN story text")
    ask(shop, "ALTER TABLE shop.brands ALTER COLUMN story SET STORAGE EXTERNAL")
    ask(shop, "UPDATE shop.brands SET story = repeat('x', 5000) WHERE brand_id = 1")
    replicator = task()
    replicator.start()
    ask(shop, "UPDATE shop.brands SET brand_name = 'other' WHERE brand_id = 1")
    with pytest.raises(OltpFailed, match=r"shop\.brands\.story.*REPLICA IDENTITY FULL"):
        replicator.flush_all()


def test_an_emptied_table_is_refused_and_healed_by_a_new_load(
    shop: str, task: Task, tmp_path: Path, ask: Ask
) -> None:
    replicator = task()
    replicator.start()
    simulate(shop, transactions=5, seed=1)
    replicator.flush_all()
    ask(shop, "TRUNCATE shop.events")
    with pytest.raises(OltpFailed, match=r"events: truncated.*--reload"):
        replicator.flush_all()
    assert replicator.start(reload=True)
    assert_same(tmp_path, shop, ask)
    assert written(tmp_path, "events") == []


def test_changes_that_are_lost_are_not_passed_over(shop: str, task: Task, ask: Ask) -> None:
    replicator = task()
    replicator.start()
    simulate(shop, transactions=5, seed=1)
    replicator._source.advance(replicator._source.flushed_lsn())
    replicator.close()
    thief = task()
    with pytest.raises(OltpFailed, match=r"read by somebody else.*--reload"):
        thief.start()
    thief._source.drop_slot()
    with pytest.raises(OltpFailed, match=r"is gone.*--reload"):
        thief.start()


def test_two_replicators_of_one_slot_keep_apart(task: Task, monkeypatch: Patch) -> None:
    task().start()
    monkeypatch.setattr(source, "_LOCK_SECONDS", 1)
    with pytest.raises(OltpFailed, match="another replicator runs on the slot"):
        task()


def test_an_idle_slot_lets_the_server_forget_its_log(shop: str, task: Task, ask: Ask) -> None:
    replicator = task()
    replicator.start()
    before = replicator._source.confirmed_lsn()
    ask(
        shop,
        """CREATE TABLE public.other AS
        SELECT repeat(md5(i::text), 9) FROM generate_series(1, 9999) AS i""",
    )
    assert replicator.flush_all() == 0
    confirmed = replicator._source.confirmed_lsn()
    assert before is not None
    assert confirmed is not None
    assert confirmed > before


def test_it_flushes_when_enough_is_there_or_the_interval_is_over(shop: str, task: Task) -> None:
    small = {"data_format": "parquet", "cdc_min_file_size": 1, "cdc_max_batch_interval": 3600}
    flushed: list[int] = []
    from ecom_platform.oltp.replicator.options import DmsSettings

    replicator = task(DmsSettings(**small))
    replicator.start()
    simulate(shop, transactions=20, seed=1)
    looks = count()
    replicator.run(lambda: next(looks) > 0, poll_seconds=0, told=flushed.append)
    assert len(flushed) == 1
    patient = DmsSettings(**{**small, "cdc_min_file_size": 1000})
    replicator._settings = patient
    with connect(shop) as connection:
        connection.execute("DELETE FROM shop.events WHERE event_id = 5")
    looks = count()
    assert not replicator.flush(type(replicator.pending())([], is_cut=False))
    replicator.run(lambda: next(looks) > 1, poll_seconds=0, told=flushed.append)
    assert flushed[1:] == [1], "only the last flush, which comes at the end"


def test_changes_are_read_in_pieces(shop: str, task: Task, tmp_path: Path, ask: Ask) -> None:
    replicator = task(most_changes=10)
    replicator.start()
    simulate(shop, transactions=30, seed=1)
    replicator.flush_all()
    assert_same(tmp_path, shop, ask)
    assert len(list((tmp_path / "shop" / "events").glob("2*.parquet"))) > 3
