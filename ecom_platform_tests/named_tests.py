"""Tests that documents name: `folder/test_file.py::test_name`.

Belongs here: finding such names, and whether the tests exist. Not here: what a document must say.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

TESTS = Path(__file__).resolve().parent
NAMED_TEST = re.compile(r"`([\w/]+\.py)::(\w+)`")


def names_of_tests(path: Path) -> set[str]:
    """The tests that a file has; none if it is not there."""
    if not path.exists():
        return set()
    return {
        node.name
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def missing_tests(text: str) -> list[str]:
    """The tests that a text names and that are not there."""
    return [
        f"{file}::{test}"
        for file, test in NAMED_TEST.findall(text)
        if test not in names_of_tests(TESTS / file)
    ]
