"""Killed at any step and started again, the replicator loses nothing and repeats nothing."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from ecom_platform.oltp.replicator.checkpoint import CheckpointFile
from ecom_platform.oltp.replicator.files import DmsFile
from ecom_platform.oltp.replicator.source import Source
from ecom_platform.oltp.simulate import simulate
from ecom_platform_tests.oltp.replicator.conftest import Task, assert_same

if TYPE_CHECKING:
    from pathlib import Path

    from ecom_platform_tests.oltp.conftest import Ask

    Patch = pytest.MonkeyPatch


class Killed(BaseException):
    """The process died; nothing catches this."""


@pytest.mark.parametrize(
    ("where", "what"),
    [(CheckpointFile, "write"), (DmsFile, "finish"), (DmsFile, "write"), (Source, "advance")],
)
def test_killed_anywhere_it_loses_nothing_and_repeats_nothing(
    where: type, what: str, shop: str, task: Task, tmp_path: Path, ask: Ask, monkeypatch: Patch
) -> None:
    replicator = task()
    replicator.start()
    replicator.close()
    original, seed, kills = getattr(where, what), count(1), 0
    for survives in range(12):
        simulate(shop, transactions=3, seed=next(seed))
        calls = count()

        def die(
            self: Any, *args: Any, calls: Any = calls, survives: int = survives, **options: Any
        ) -> Any:
            # Before the step in one life, right after it in the next.
            if next(calls) < survives // 2:
                return original(self, *args, **options)
            if survives % 2:
                original(self, *args, **options)
            raise Killed

        with monkeypatch.context() as life:
            life.setattr(where, what, die)
            victim = task()
            try:
                victim.start()
                victim.flush_all()
            except Killed:
                kills += 1
            victim.close()
    survivor = task()
    survivor.start()
    survivor.flush_all()
    assert kills >= 2
    assert_same(tmp_path, shop, ask)
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize("survives", range(0, 12, 2))
def test_killed_in_its_full_load_it_begins_anew(
    survives: int, shop: str, task: Task, tmp_path: Path, ask: Ask, monkeypatch: Patch
) -> None:
    calls, original = count(), DmsFile.finish

    def die(self: DmsFile, **options: Any) -> None:
        if next(calls) >= survives:
            raise Killed
        original(self, **options)

    with monkeypatch.context() as life:
        life.setattr(DmsFile, "finish", die)
        victim = task()
        if survives < 6:
            with pytest.raises(Killed):
                victim.start()
            assert not list(tmp_path.rglob("LOAD*"))
        victim.close()
    simulate(shop, transactions=5, seed=1)
    survivor = task()
    survivor.start()
    assert_same(tmp_path, shop, ask)
