"""Rules of shape: signs on doors, lengths of files and functions, names that say something.

Belongs here: a rule as a function from modules to problems, each naming file, line and remedy.
Not here: rules of the rooms (rooms.py), and proof that a rule bites (test_architecture.py).
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from ecom_platform_tests.architecture.modules import PACKAGE, Module, words

VAGUE_NAMES = words("utils util helpers helper common misc")
MAX_FILE_LINES = 250
MAX_FUNCTION_LINES = 40
MAX_DEFINITIONS_LINES = 80
LONG_FILES_ALLOWED: frozenset[str] = frozenset()


def every_door_has_a_sign(modules: Iterable[Module]) -> list[str]:
    """A module opens with what belongs in it and what does not: two lines at least."""
    return [
        f"{module.path}:1: say in two lines what belongs here and what does not"
        for module in modules
        if len([line for line in (ast.get_docstring(module.tree) or "").splitlines() if line]) < 2
    ]


def files_are_short(modules: Iterable[Module]) -> list[str]:
    """A file that grows is split by subject."""
    return [
        f"{module.path}: {module.length} lines, at most {MAX_FILE_LINES}; split it by subject"
        for module in modules
        if module.length > MAX_FILE_LINES and module.path not in LONG_FILES_ALLOWED
    ]


def functions_are_short(modules: Iterable[Module]) -> list[str]:
    """From `def` to the last line; the docstring is free, so that it is not what gets cut."""
    problems = []
    for module in modules:
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            lines = (node.end_lineno or node.lineno) - node.lineno + 1 - _docstring_lines(node)
            if lines > MAX_FUNCTION_LINES:
                problems.append(
                    f"{module.path}:{node.lineno}: {node.name} has {lines} lines, at most "
                    f"{MAX_FUNCTION_LINES}; give its steps names"
                )
    return problems


def names_say_what_is_inside(modules: Iterable[Module]) -> list[str]:
    """utils, helpers and their like are rooms without a wall."""
    return [
        f"{module.path}: {part!r} says nothing; name the subject (CONTRIBUTING.md, Which room?)"
        for module in modules
        for part in module.name.split(".")
        if part.strip("_") in VAGUE_NAMES
    ]


def definitions_only_assemble(modules: Iterable[Module]) -> list[str]:
    """definitions.py plugs things together; what it plugs lies elsewhere."""
    return [
        f"{module.path}: {module.length} lines, at most {MAX_DEFINITIONS_LINES}; it only assembles"
        for module in modules
        if module.name == f"{PACKAGE}.definitions" and module.length > MAX_DEFINITIONS_LINES
    ]


def _docstring_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    if ast.get_docstring(node, clean=False) is None:
        return 0
    return (node.body[0].end_lineno or 0) - node.body[0].lineno + 1
