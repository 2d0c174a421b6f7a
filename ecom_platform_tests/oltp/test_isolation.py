"""The shop and the platform share what lands, and nothing else: read from their imports."""

from __future__ import annotations

from pathlib import Path

from ecom_platform_tests.architecture import rooms
from ecom_platform_tests.architecture.modules import Module, load_modules

ROOT = Path(__file__).resolve().parents[2]


def test_the_shop_knows_nothing_of_the_platform() -> None:
    modules = load_modules(ROOT, "ecom_platform")
    assert any(module.room == "oltp" for module in modules)
    assert rooms.the_shop_knows_nothing_of_the_platform(modules) == []


def test_a_shop_that_uses_the_lake_is_found() -> None:
    source = "from ecom_platform.lake import table\nfrom ecom_platform.generator import generate\n"
    shop = Module("ecom_platform.oltp.load", "ecom_platform/oltp/load.py", source)
    problems = rooms.the_shop_knows_nothing_of_the_platform([shop])
    assert [problem.split(":")[1] for problem in problems] == ["1"]


def test_a_platform_that_uses_the_shop_is_found() -> None:
    source = "from ecom_platform.oltp import load\n"
    for room in ("landing", "pipeline", "checks", "sensors"):
        bad = Module(f"ecom_platform.{room}.dms", f"ecom_platform/{room}/dms.py", source)
        assert len(rooms.imports_run_to_the_left([bad])) == 1
