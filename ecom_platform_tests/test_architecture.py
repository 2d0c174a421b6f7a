"""The architecture under test: each rule holds in the tree, and each rule bites a bad example.

Belongs here: one test a rule for the tree, and its proof. Not here: the rules (architecture/).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from ecom_platform_tests.architecture import rooms, shape
from ecom_platform_tests.architecture.modules import Module, imports_of, load_modules

ROOT = Path(__file__).resolve().parents[1]
SIGN = '"""A sign.\n\nNot here: the rest.\n"""\n'


@pytest.fixture(scope="module")
def package() -> list[Module]:
    return load_modules(ROOT, "ecom_platform")


@pytest.fixture(scope="module")
def everything() -> list[Module]:
    return load_modules(ROOT, "ecom_platform", "ecom_platform_tests", "bench")


# --- The tree


def test_the_package_is_there_to_be_judged(package: list[Module]) -> None:
    assert {"settings", "errors", "partitions"} <= {module.room for module in package}


def test_imports_run_to_the_left(package: list[Module]) -> None:
    assert_none(rooms.imports_run_to_the_left(package))


def test_neighbouring_rooms_are_not_entangled(package: list[Module]) -> None:
    assert_none(rooms.neighbours_are_not_entangled(package))


def test_every_room_has_a_place_in_the_order(package: list[Module]) -> None:
    assert_none(rooms.every_room_has_a_place(package))


def test_contracts_and_transforms_import_only_what_is_pure(package: list[Module]) -> None:
    assert_none(rooms.pure_rooms_import_only_what_is_pure(package))


def test_dagster_stays_in_its_rooms(package: list[Module]) -> None:
    assert_none(rooms.dagster_stays_in_its_rooms(package))


def test_transforms_depend_on_their_rows_alone(package: list[Module]) -> None:
    assert_none(rooms.transforms_depend_on_their_rows_alone(package))


def test_only_settings_reads_the_environment(package: list[Module]) -> None:
    assert_none(rooms.the_environment_is_read_in_one_place(package))


def test_every_door_has_a_sign(package: list[Module]) -> None:
    assert_none(shape.every_door_has_a_sign(package))


def test_files_are_short(everything: list[Module]) -> None:
    assert_none(shape.files_are_short(everything))


def test_functions_are_short(everything: list[Module]) -> None:
    assert_none(shape.functions_are_short(everything))


def test_names_say_what_is_inside(everything: list[Module]) -> None:
    assert_none(shape.names_say_what_is_inside(everything))


def test_definitions_only_assemble(package: list[Module]) -> None:
    assert_none(shape.definitions_only_assemble(package))


# --- The rules bite


@pytest.mark.parametrize(
    "line",
    [
        "from ecom_platform.assets.clean import clean_events",
        "from ecom_platform import assets",
        "import ecom_platform.assets",
        "from ..assets import clean",
        "def late():\n    from ecom_platform.assets import clean",
        "if TYPE_CHECKING:\n    from ecom_platform.assets import clean",
        "importlib.import_module('ecom_platform.assets')",
    ],
)
def test_an_import_to_the_right_is_found_in_every_spelling(line: str) -> None:
    problems = rooms.imports_run_to_the_left([module("lake/table.py", line)])
    assert len(problems) == 1
    assert problems[0].startswith("ecom_platform/lake/table.py:")
    assert "lake imports ecom_platform.assets" in problems[0]


def test_the_package_itself_may_import_no_room() -> None:
    assert rooms.imports_run_to_the_left(
        [module("__init__.py", "from ecom_platform import errors")]
    )


def test_imports_to_the_left_and_within_a_column_are_free() -> None:
    source = "from ecom_platform import errors, settings\nfrom ecom_platform.lake import table\n"
    assert rooms.imports_run_to_the_left([module("landing/parser.py", source)]) == []


def test_two_neighbours_that_import_each_other_are_found() -> None:
    problems = rooms.neighbours_are_not_entangled(
        [
            module("lake/table.py", "from ecom_platform.landing import parser"),
            module("landing/parser.py", "from ecom_platform.engines import session"),
            module("engines/session.py", "from ecom_platform.lake import table"),
            module("generator/events.py", "from ecom_platform.landing import parser"),
        ]
    )
    assert len(problems) == 3
    assert not any("generator" in problem for problem in problems)


@pytest.mark.parametrize("path", ["warehouse/tables.py", "report.py"])
def test_a_room_without_a_place_is_found(path: str) -> None:
    problems = rooms.every_room_has_a_place([module(path, ""), module("lake/table.py", "")])
    assert len(problems) == 1
    assert "has no place" in problems[0]


@pytest.mark.parametrize("name", ["dagster", "boto3", "pyiceberg.schema", "os", "time", "requests"])
@pytest.mark.parametrize("room", ["contracts", "transforms"])
def test_an_impure_import_is_found_in_a_pure_room(room: str, name: str) -> None:
    problems = rooms.pure_rooms_import_only_what_is_pure(
        [module(f"{room}/clean.py", f"def f():\n    import {name}")]
    )
    assert len(problems) == 1
    assert f"ecom_platform/{room}/clean.py:2: {room}/ imports {name};" in problems[0]


def test_transforms_may_not_import_pandera_nor_settings() -> None:
    source = "import pandera.pyspark\nfrom ecom_platform import settings\n"
    assert (
        len(rooms.pure_rooms_import_only_what_is_pure([module("transforms/raw.py", source)])) == 2
    )


def test_pure_rooms_may_import_spark_contracts_and_arithmetic() -> None:
    source = "import datetime, decimal, re\nimport pyspark.sql.functions as F\n"
    source += "from ecom_platform.contracts import raw\nfrom collections.abc import Iterable\n"
    assert rooms.pure_rooms_import_only_what_is_pure([module("transforms/raw.py", source)]) == []


def test_dagster_in_the_pipeline_is_found() -> None:
    source = "def f():\n    import dagster as dg"
    problems = rooms.dagster_stays_in_its_rooms([module("pipeline/clean.py", source)])
    assert len(problems) == 1
    assert rooms.dagster_stays_in_its_rooms([module("assets/clean.py", source)]) == []


@pytest.mark.parametrize(
    "call", ["dt.datetime.now(tz=dt.UTC)", "date.today()", "F.current_timestamp()", "F.rand(1)"]
)
def test_a_clock_or_chance_in_a_transform_is_found(call: str) -> None:
    bad = module("transforms/clean.py", f"x = {call}")
    assert len(rooms.transforms_depend_on_their_rows_alone([bad])) == 1
    assert rooms.transforms_depend_on_their_rows_alone([module("assets/clean.py", f"{call}")]) == []


@pytest.mark.parametrize(
    "line",
    [
        "x = os.environ['A']",
        "x = os.environ.get('A')",
        "x = os.getenv('A')",
        "from os import environ",
        "x = dg.EnvVar('A')",
        "os.environ['A'] = 'b'",
    ],
)
def test_a_read_of_the_environment_is_found(line: str) -> None:
    assert rooms.the_environment_is_read_in_one_place([module("lake/catalog.py", line)])
    assert rooms.the_environment_is_read_in_one_place([module("settings.py", line)]) == []


def test_engines_may_set_but_not_read_the_environment() -> None:
    source = "os.environ['A'] = 'b'\nos.environ.setdefault('A', 'b')\nx = os.environ.get('A')\n"
    problems = rooms.the_environment_is_read_in_one_place([module("engines/sail.py", source)])
    assert [problem.split(":")[1] for problem in problems] == ["3"]


@pytest.mark.parametrize("source", ["", "x = 1\n", '"""One line."""\n'])
def test_a_door_without_a_sign_is_found(source: str) -> None:
    bad = Module("ecom_platform.lake", "ecom_platform/lake/__init__.py", source)
    assert len(shape.every_door_has_a_sign([bad, module("lake/table.py", "")])) == 1


@pytest.mark.parametrize(("lines", "found"), [(250, 0), (251, 1)])
def test_a_file_over_its_length_is_found(lines: int, found: int) -> None:
    source = "x = 1\n" * lines
    bad = Module("ecom_platform.lake.table", "ecom_platform/lake/table.py", source)
    assert len(shape.files_are_short([bad])) == found


@pytest.mark.parametrize(("lines", "found"), [(39, 0), (40, 1)])
def test_a_function_over_its_length_is_found(lines: int, found: int) -> None:
    body = '    """A docstring\n\n    is free.\n    """\n' + "    x = 1\n" * lines
    for head in ("def", "async def"):
        problems = shape.functions_are_short([module("lake/table.py", f"{head} long():\n{body}")])
        assert len(problems) == found


@pytest.mark.parametrize("path", ["lake/utils.py", "common/table.py", "transforms/_helpers.py"])
def test_a_vague_name_is_found(path: str) -> None:
    assert len(shape.names_say_what_is_inside([module(path, ""), module("lake/table.py", "")])) == 1


@pytest.mark.parametrize(("lines", "found"), [(80, 0), (81, 1)])
def test_definitions_that_do_more_than_assemble_are_found(lines: int, found: int) -> None:
    source = "x = 1\n" * lines
    bad = Module("ecom_platform.definitions", "ecom_platform/definitions.py", source)
    assert len(shape.definitions_only_assemble([bad])) == found


def test_modules_are_read_from_a_folder_with_their_dotted_names(tmp_path: Path) -> None:
    (tmp_path / "ecom_platform" / "lake").mkdir(parents=True)
    (tmp_path / "ecom_platform" / "lake" / "__init__.py").write_text("from . import table\n")
    (tmp_path / "ecom_platform" / "lake" / "table.py").write_text("from .. import errors as e\n")
    modules = load_modules(tmp_path, "ecom_platform", "bench")
    assert [module.name for module in modules] == ["ecom_platform.lake", "ecom_platform.lake.table"]
    assert [name for module in modules for name, _ in imports_of(module)] == [
        "ecom_platform.lake.table",
        "ecom_platform.errors",
    ]


def module(path: str, source: str) -> Module:
    """A module of the package that starts with its sign on the same line numbers as `source`."""
    name = "ecom_platform." + path.removesuffix(".py").replace("/", ".")
    return Module(name.removesuffix(".__init__"), f"ecom_platform/{path}", source or SIGN)


def assert_none(problems: list[str]) -> None:
    assert not problems, "\n" + "\n".join(problems)
