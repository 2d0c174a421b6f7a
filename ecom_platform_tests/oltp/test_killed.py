"""Killed with SIGKILL at any step, replicator and lake go on and agree with the shop in the end."""

from __future__ import annotations

import importlib
import os
import random
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ecom_platform.engines.session import open_session
from ecom_platform_tests.oltp.living_shop import LivingShop, replicator_of, small_platform
from ecom_platform_tests.shop_in_small import SmallShop
from ecom_platform_tests.trust.processes import ended, start

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_REPLICATOR = "ecom_platform.oltp.replicator"
# Where a process dies, before the step or after it.
STEPS_OF_THE_REPLICATOR = (
    (f"{_REPLICATOR}.checkpoint", "CheckpointFile.write"),
    (f"{_REPLICATOR}.files", "DmsFile.write"),
    (f"{_REPLICATOR}.files", "DmsFile.finish"),
    (f"{_REPLICATOR}.source", "Source.advance"),
)
STEPS_OF_THE_LAKE = (
    ("ecom_platform.lake.dms_objects", "DmsRecords.record"),
    ("ecom_platform.pipeline.shop.fold", "_write_ledger"),
    ("ecom_platform.lake.publications", "Publications.record"),
    ("ecom_platform.lake.table", "TableVersion.commit"),
    ("ecom_platform.lake.objects", "ObjectRecords.record"),
)
Step = tuple[str, str]


def die_at(step: Step, crossing: int) -> None:
    """Let this process be killed: before its n-th step if n is odd, after it if it is even."""
    owner: Any = importlib.import_module(step[0])
    *holders, name = step[1].split(".")
    for holder in holders:
        owner = getattr(owner, holder)
    original, left = getattr(owner, name), [crossing]

    def deadly(*arguments: Any, **named: Any) -> Any:
        left[0] -= 2
        if left[0] == -1:
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*arguments, **named)
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, deadly)


def replicate(url: str, landing: str, step: Step, crossing: int) -> None:
    """What a replicator does from its start to its end; in a process of its own."""
    die_at(step, crossing)
    task = replicator_of(url, Path(landing))
    task.start()
    task.flush_all()
    os._exit(0)


def follow(folder: str, step: Step, crossing: int) -> None:
    """What a run of the lake does; in a process of its own, with its own engine."""
    die_at(step, crossing)
    SmallShop(small_platform(Path(folder), open_session("sail"))).feed()
    os._exit(0)


@pytest.fixture
def living(shop: str, tmp_path: Path, spark: SparkSession) -> Iterator[LivingShop]:
    return LivingShop(shop, tmp_path, spark)


def killed(function: Callable[..., None], *arguments: Any) -> bool:
    """Start a process that may be killed on its way; whether it was."""
    code = ended(start(function, *arguments))
    assert code in (0, -signal.SIGKILL)
    return code != 0


def kill_often(living: LivingShop, chance: random.Random, replicators: int, runs: int) -> int:
    """Kill replicators and runs of the lake in turn while the shop lives; how often that was."""
    kills = 0
    for _ in range(replicators):
        living.live(5)
        step = chance.choice(STEPS_OF_THE_REPLICATOR)
        arguments = living.url, str(living.landing), step, chance.randint(1, 8)
        kills += killed(replicate, *arguments)
    living.flush()
    for _ in range(runs):
        step = chance.choice(STEPS_OF_THE_LAKE)
        folder = str(living.platform.lake.settings.lake_path)
        kills += killed(follow, folder, step, chance.randint(1, 8))
        living.live(5)
        living.flush()
    return kills


def assert_the_lake_is_the_shop(living: LivingShop) -> None:
    living.end()
    for table, (there, here) in living.tables().items():
        assert here == there, table
    from_tables, from_lines = living.facts()
    assert from_tables == from_lines


def test_killed_in_full_load_in_a_flush_and_in_a_run_the_lake_is_the_shop(
    living: LivingShop,
) -> None:
    landing, folder = str(living.landing), str(living.platform.lake.settings.lake_path)
    finish, advance = STEPS_OF_THE_REPLICATOR[2], STEPS_OF_THE_REPLICATOR[3]
    assert killed(replicate, living.url, landing, finish, 5)
    assert not killed(replicate, living.url, landing, advance, 1), "a full load advances nothing"
    living.live(30)
    assert killed(replicate, living.url, landing, finish, 4)
    living.live(10)
    assert killed(replicate, living.url, landing, advance, 1)
    assert killed(follow, folder, STEPS_OF_THE_LAKE[3], 14)
    assert_the_lake_is_the_shop(living)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_killed_again_and_again_the_lake_is_the_shop(living: LivingShop, seed: int) -> None:
    assert kill_often(living, random.Random(seed), replicators=12, runs=8) > 5
    assert_the_lake_is_the_shop(living)
