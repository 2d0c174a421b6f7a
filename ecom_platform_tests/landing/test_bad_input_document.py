"""docs/bad_input.md keeps its word: every test that it names exists, every reason is in it."""

from __future__ import annotations

from typing import get_args

from ecom_platform.landing.rejections import RefusalReason, RejectReason
from ecom_platform_tests.named_tests import NAMED_TEST, TESTS, missing_tests, names_of_tests

DOCUMENT = TESTS.parent / "docs" / "bad_input.md"


def named_tests() -> list[tuple[str, str]]:
    return NAMED_TEST.findall(DOCUMENT.read_text(encoding="utf-8"))


def test_every_test_that_the_document_names_exists() -> None:
    assert len(named_tests()) > 40
    assert missing_tests(DOCUMENT.read_text(encoding="utf-8")) == []


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
