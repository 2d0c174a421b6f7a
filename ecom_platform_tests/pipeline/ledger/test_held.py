"""Lines of dates that were put back: neither lost nor silently fine, they are said to be held."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecom_platform.checks.ledger import evaluate_row_ledger
from ecom_platform.pipeline.ledger.verdict import judge_ledger
from ecom_platform.pipeline.rollback import release
from ecom_platform.pipeline.stored import StoredTables
from ecom_platform_tests.ledger_in_small import account, accounts, run_all
from ecom_platform_tests.rollback_in_small import NEXT_DAY, back, versions
from ecom_platform_tests.s3_in_small import everywhere_at_length
from ecom_platform_tests.samples import DAY, at
from ecom_platform_tests.upkeep_in_small import CLEAN, FACT

if TYPE_CHECKING:
    from ecom_platform_tests.platform_in_small import SmallPlatform


@everywhere_at_length
@pytest.mark.parametrize("table", [CLEAN, FACT])
def test_lines_of_a_held_date_are_pending_and_said_to_be_held(
    platform: SmallPlatform, table: str
) -> None:
    platform.drop("a.csv", at(1), at(1), at(1, day=NEXT_DAY))
    run_all(platform)
    platform.drop("b.csv", at(2), {**at(3), "user_session": ""})
    run_all(platform)
    complete = account(platform)
    newest = versions(platform, table)[-1]
    assert back(platform, table, versions(platform, table)[0], [DAY]) == [DAY]
    run_all(platform)
    by_date = accounts(platform, "event_date")
    assert by_date[DAY] == {"line": 4, "raw": 4, "pending": 4}
    assert by_date[NEXT_DAY] == {"line": 1, "raw": 1, "clean": 1, "fact": 1}
    verdict = judge_ledger(platform.lake)
    assert (verdict.is_complete, verdict.held, verdict.stale_dates) == (False, 4, 0)
    assert str(verdict).endswith("not complete: 4 are of dates that are held")
    findings = evaluate_row_ledger(StoredTables(platform.work, [DAY]), DAY)
    assert all(finding.passed for finding in findings)

    back(platform, table, newest)  # undone
    run_all(platform)
    assert (account(platform), judge_ledger(platform.lake).is_complete) == (complete, True)

    back(platform, table, versions(platform, table)[0], [DAY])
    release(platform.lake, table, None)
    run_all(platform)
    assert (account(platform), judge_ledger(platform.lake).is_complete) == (complete, True)
