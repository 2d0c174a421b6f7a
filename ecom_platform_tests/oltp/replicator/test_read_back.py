"""What the stand-in writes, the platform's reader reads: the same columns, the same values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecom_platform.contracts.oltp import SHOP_TABLES
from ecom_platform.landing.dms.keys import PREFIX, parse_key
from ecom_platform.landing.dms.reader import read_dms
from ecom_platform.oltp.migrate import TABLES
from ecom_platform.oltp.replicator.options import BEST_FOR_THE_LAKE, DmsSettings
from ecom_platform.oltp.simulate import simulate
from ecom_platform_tests.oltp.replicator.conftest import Task, stored

if TYPE_CHECKING:
    from pathlib import Path

    from ecom_platform_tests.oltp.conftest import Ask

_BARE = DmsSettings()
_CSV = DmsSettings(
    timestamp_column_name="ts", change_sequence_column="seq", date_partition_enabled=True
)


@pytest.mark.parametrize("settings", [BEST_FOR_THE_LAKE, _BARE, _CSV], ids=["best", "bare", "csv"])
def test_files_of_the_stand_in_applied_in_order_are_the_database(
    settings: DmsSettings, shop: str, task: Task, tmp_path: Path, ask: Ask
) -> None:
    replicator = task(settings)
    replicator.start()
    simulate(shop, transactions=60, seed=7)
    replicator.flush_all()
    assert set(SHOP_TABLES) == set(TABLES)
    for table, contract in SHOP_TABLES.items():
        current: dict[tuple[object, ...], list[object]] = {}
        files = [path for path in (tmp_path / "shop" / table).rglob("*") if path.is_file()]
        for path in sorted(files, key=lambda path: (path.name[0] != "L", path.name)):
            key = parse_key(f"{PREFIX}{path.relative_to(tmp_path).as_posix()}")
            assert key is not None
            with path.open("rb") as stream:
                found = read_dms(stream, key, contract)
            for row in found.rows.to_pylist():
                name = tuple(row[column] for column in contract.key)
                current.pop(name, None)
                if row["op"] != "D":
                    current[name] = [row[column] for column in contract.schema.names]
        texts = (
            repr([None if v is None else str(v).removesuffix("+00:00") for v in row])
            for row in current.values()
        )
        assert sorted(texts) == stored(shop, table, ask), table
