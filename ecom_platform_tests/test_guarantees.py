"""docs/guarantees.md keeps its word: every guarantee says its limits and names tests that exist."""

from __future__ import annotations

import ast
import re

import pytest

from ecom_platform_tests.named_tests import NAMED_TEST, TESTS, missing_tests, names_of_tests

DOCUMENT = (TESTS.parent / "docs" / "guarantees.md").read_text(encoding="utf-8")
GUARANTEES = dict(section.split("\n", maxsplit=1) for section in DOCUMENT.split("\n## ")[1:])


def test_every_test_that_the_document_names_exists() -> None:
    assert len(NAMED_TEST.findall(DOCUMENT)) > 50
    assert missing_tests(DOCUMENT) == []


def test_a_renamed_test_and_a_file_that_is_gone_would_be_found() -> None:
    here = "test_guarantees.py::test_every_test_that_the_document_names_exists"
    named = f"`{here}`, `{here}_once`, `gone/test_gone.py::test_gone`"
    assert missing_tests(named) == [f"{here}_once", "gone/test_gone.py::test_gone"]


@pytest.mark.parametrize("title", GUARANTEES)
def test_every_guarantee_says_its_limits_and_names_its_tests(title: str) -> None:
    promised, *limits = GUARANTEES[title].strip().split("\n\n")
    assert promised
    assert not promised.startswith(("Not guaranteed", "- "))
    assert [text for text in limits if text.startswith("Not guaranteed: ")]
    assert NAMED_TEST.search(GUARANTEES[title])


def test_those_marked_slow_are_the_slow_ones() -> None:
    named = re.findall(r"^- `([\w/]+\.py)::(\w+)`( \(slow\))?$", DOCUMENT, re.MULTILINE)
    assert len(named) == len(NAMED_TEST.findall(DOCUMENT)), "a test a line, and nothing else"
    for file, test, marked in named:
        assert bool(marked) == is_slow(file, test), f"{file}::{test}"


def is_slow(file: str, test: str) -> bool:
    assert test in names_of_tests(TESTS / file)
    (found,) = (
        node
        for node in ast.parse((TESTS / file).read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name == test
    )
    return any(ast.unparse(mark) == "pytest.mark.slow" for mark in found.decorator_list)
