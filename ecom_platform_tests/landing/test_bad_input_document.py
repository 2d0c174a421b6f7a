"""docs/bad_input.md keeps its word: every test that it names exists, every reason is in it."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import get_args

from ecom_platform.landing.rejections import RefusalReason, RejectReason

TESTS = Path(__file__).resolve().parents[1]
DOCUMENT = TESTS.parent / "docs" / "bad_input.md"
NAMED_TEST = re.compile(r"`([\w/]+\.py)::(\w+)`")


def names_of_tests(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def named_tests() -> list[tuple[str, str]]:
    return NAMED_TEST.findall(DOCUMENT.read_text(encoding="utf-8"))


def test_every_test_that_the_document_names_exists() -> None:
    named = named_tests()
    assert len(named) > 40
    missing = [
        f"{file}::{test}" for file, test in named if test not in names_of_tests(TESTS / file)
    ]
    assert not missing


def test_every_row_of_the_document_names_a_test() -> None:
    rows = [
        line
        for line in DOCUMENT.read_text(encoding="utf-8").splitlines()
        if line.startswith("| ") and not line.startswith("| Input ")
    ]
    assert len(rows) > 40
    assert [row for row in rows if not NAMED_TEST.search(row)] == []


def test_every_bad_input_test_has_its_row_in_the_document() -> None:
    for file in ("landing/test_bad_objects.py", "landing/test_bad_lines.py"):
        in_document = {test for where, test in named_tests() if where == file}
        assert names_of_tests(TESTS / file) == in_document


def test_every_reason_is_in_the_document_and_the_rules_in_their_order() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert ", ".join(f"`{reason}`" for reason in get_args(RejectReason)) in text
    assert [
        reason for reason in get_args(RefusalReason) if f"refused: `{reason}`" not in text
    ] == []


def test_a_renamed_test_would_be_found() -> None:
    assert "test_a_renamed_test_would_be_found" in names_of_tests(Path(__file__))
    assert "test_that_is_not_there" not in names_of_tests(Path(__file__))
    assert NAMED_TEST.findall("| x | `landing/test_a.py::test_b` |") == [
        ("landing/test_a.py", "test_b")
    ]
