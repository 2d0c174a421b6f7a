"""Rules of the rooms: what a module may import, call and read, by the room it lies in.

Belongs here: a rule as a function from modules to problems, each naming file, line and remedy.
Not here: rules of size and names (shape.py), and proof that a rule bites (test_architecture.py).
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator

from ecom_platform_tests.architecture.modules import (
    PACKAGE,
    Module,
    called,
    imports_of,
    room_of,
    words,
)

# The columns of docs/architecture.md, left to right; a room imports its own column and those above.
ROOMS: tuple[tuple[str, ...], ...] = (
    ("settings", "partitions", "places", "errors"),
    ("contracts",),
    ("transforms",),
    ("engines", "lake", "landing", "generator", "s3"),
    ("pipeline",),
    ("assets",),
    ("checks",),
    ("jobs", "resources"),
    ("schedules", "sensors"),
    ("oltp",),
    ("definitions", "cli"),
)
COLUMN = {room: column for column, rooms in enumerate(ROOMS) for room in rooms}

# The standard library is allowed in pure rooms, less what sees a disk, a network, a clock, chance.
IMPURE_STDLIB = words(
    "asyncio ftplib glob http io multiprocessing os pathlib random secrets shutil smtplib "
    "socket sqlite3 ssl subprocess tempfile time urllib uuid"
)
PURE_ROOMS = {
    "contracts": words("pandera pyspark pyarrow"),
    "transforms": words("pyspark"),
}
# Called by Dagster, but they do not know it; contracts and transforms are stricter still.
ROOMS_WITHOUT_DAGSTER = words("landing generator pipeline s3 oltp")
# The shop's side of the landing area: it shares nothing with the platform but what lands there.
THE_SHOP, OF_THE_SHOP = "oltp", words("oltp generator settings errors")
# Two runs over the same rows must agree: no clock, no chance, no order of arrival, no file name.
IMPURE_CALLS = words(
    "now utcnow today current_date current_timestamp localtimestamp rand randn uuid shuffle "
    "monotonically_increasing_id spark_partition_id input_file_name open"
)
ENVIRONMENT = words("environ environb getenv EnvVar load_dotenv dotenv_values")


def imports_run_to_the_left(modules: Iterable[Module]) -> list[str]:
    """A room imports only its own column and columns to its left."""
    problems = []
    for module in modules:
        for name, line in imports_of(module):
            here, target = module.room, room_of(name)
            if target not in COLUMN or (here and here not in COLUMN):
                continue  # a room without a place is every_room_has_a_place's to report
            if here is None or COLUMN[target] > COLUMN[here]:
                problems.append(
                    f"{module.path}:{line}: {here or 'the package'} imports {name}, which is "
                    f"further right; move the code to {target}, or hand the value over"
                )
    return problems


def neighbours_are_not_entangled(modules: Iterable[Module]) -> list[str]:
    """Rooms of one column may use each other, but no circle of them may exist."""
    uses: dict[str, dict[str, str]] = {}
    for module in modules:
        for name, line in imports_of(module):
            here, target = module.room, room_of(name)
            if here in COLUMN and target in COLUMN and here != target:
                uses.setdefault(here, {}).setdefault(target, f"{module.path}:{line}")
    problems = []
    for start in sorted(uses):
        reached, ahead = set[str](), [start]
        while ahead:
            for target in uses.get(ahead.pop(), {}):
                if target not in reached and COLUMN[target] == COLUMN[start]:
                    reached.add(target)
                    ahead.append(target)
        if start in reached:
            places = ", ".join(uses[start][t] for t in sorted(uses[start]) if t in reached)
            problems.append(f"{places}: {start} and its neighbours import each other in a circle")
    return problems


def every_room_has_a_place(modules: Iterable[Module]) -> list[str]:
    """A new folder or file of the package must be given its place in ROOMS."""
    rooms = {module.room: module.path for module in modules if room_of(module.name)}
    return [
        f"{path}: the room {room!r} has no place in the order; see CONTRIBUTING.md, then ROOMS"
        for room, path in rooms.items()
        if room not in COLUMN
    ]


def pure_rooms_import_only_what_is_pure(modules: Iterable[Module]) -> list[str]:
    """contracts/ and transforms/ run anywhere: no orchestrator, no store, no disk, no clock."""
    problems = []
    for module in modules:
        allowed = PURE_ROOMS.get(module.room or "")
        if allowed is None:
            continue
        for name, line in imports_of(module):
            root, target = name.split(".")[0], room_of(name)
            pure = root in allowed or (root in sys.stdlib_module_names - IMPURE_STDLIB)
            if root == PACKAGE:
                pure = target in {"contracts", module.room}
            if not pure:
                problems.append(
                    f"{module.path}:{line}: {module.room}/ imports {name}; it may import only "
                    f"{', '.join(sorted(allowed))}, contracts and the pure standard library"
                )
    return problems


def dagster_stays_in_its_rooms(modules: Iterable[Module]) -> list[str]:
    """A step of the pipeline is a plain function: usable from a test, a script or a cluster."""
    return [
        f"{module.path}:{line}: {module.room}/ imports {name}; what a run is belongs in assets/"
        for module in modules
        if module.room in ROOMS_WITHOUT_DAGSTER
        for name, line in imports_of(module)
        if name.split(".")[0].startswith("dagster")
    ]


def the_shop_knows_nothing_of_the_platform(modules: Iterable[Module]) -> list[str]:
    """oltp/ stands in for systems that are not ours: what lands is all that the two share."""
    return [
        f"{module.path}:{line}: oltp/ imports {name}; of the platform it may know only "
        f"{', '.join(sorted(OF_THE_SHOP - {THE_SHOP}))}"
        for module in modules
        if module.room == THE_SHOP
        for name, line in imports_of(module)
        if room_of(name) not in {None, *OF_THE_SHOP}
    ]


def transforms_depend_on_their_rows_alone(modules: Iterable[Module]) -> list[str]:
    """No transform reads a clock, draws at random or depends on the order of arrival."""
    return [
        f"{module.path}:{node.lineno}: {called(node)}() gives another result in the next run; "
        "take the value as an argument"
        for module in modules
        if module.room == "transforms"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and called(node) in IMPURE_CALLS
    ]


def the_environment_is_read_in_one_place(modules: Iterable[Module]) -> list[str]:
    """Only settings.py reads the environment; engines may set what a native library expects."""
    problems = []
    for module in modules:
        if module.room == "settings":
            continue
        written = set(_environment_writes(module)) if module.room == "engines" else set()
        for node in ast.walk(module.tree):
            name = {ast.Attribute: "attr", ast.Name: "id", ast.alias: "name"}.get(type(node), "")
            if getattr(node, name, "") in ENVIRONMENT and node not in written:
                line = getattr(node, "lineno", 0)
                problems.append(
                    f"{module.path}:{line}: reads the environment; add a field to settings.py"
                )
    return problems


def _environment_writes(module: Module) -> Iterator[ast.AST]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
            yield node.value
        elif (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Call)
            and called(node.value) in {"setdefault", "update"}
        ):
            yield getattr(node.value.func, "value", node)
