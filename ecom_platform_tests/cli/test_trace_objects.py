"""`ecom trace` of whole objects: every fate by date, from the ledger or counted at once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ecom_platform_tests.cli.traced_objects import BARE, LINES, A, B
from ecom_platform_tests.lake.published import content
from ecom_platform_tests.ledger_in_small import rebuild_ledger
from ecom_platform_tests.s3_in_small import everywhere_at_length
from ecom_platform_tests.samples import DAY, at

if TYPE_CHECKING:
    from ecom_platform_tests.cli.conftest import Ecom
    from ecom_platform_tests.platform_in_small import SmallPlatform


def of_object(ecom: Ecom, name: str) -> dict[str, object]:
    ended = ecom("trace", name, "--format", "json")
    assert (ended.code, ended.err) == (0, "")
    return json.loads(ended.out)


@everywhere_at_length
def test_an_object_is_told_by_date_with_every_fate(ecom: Ecom, traced: SmallPlatform) -> None:
    told = of_object(ecom, A)
    (version,) = told["versions"]
    assert (version["status"], version["line_count"]) == ("current", 7)
    date, undated = told["dates"]
    assert (date["event_date"], date["source"], undated["event_date"]) == (
        str(DAY),
        "row ledger",
        None,
    )
    total = {name: count for name, count in told["total"].items() if count}
    assert total == {
        "line_count": 7,
        "raw_count": 5,
        "malformed_count": 2,
        "clean_count": 2,
        "duplicate_count": 2,
        "rejected_count": 1,
        "fact_count": 2,
        "malformed_field_count_count": 1,
        "malformed_bad_price_count": 1,
        "rejected_price_not_positive_count": 1,
    }
    examples = [(e["reason"], e["source_row"], e["line"]) for e in told["malformed_examples"]]
    assert examples[0] == ("field_count", 7, "no,event")
    shown = ecom("trace", A).out
    assert (
        "7 lines = 5 raw + 2 malformed; 5 raw = 2 clean + 2 duplicate + 1 rejected; "
        "2 clean, 2 in the fact" in shown
    )
    assert "malformed: bad_price: 1\n  line 6: " in shown


def test_before_the_ledger_is_built_the_tables_are_counted_and_say_the_same(
    ecom: Ecom, platform: SmallPlatform
) -> None:
    platform.drop("a.csv", *LINES)
    platform.drop("b.csv", {**at(4), **BARE}, at(5), at(1))
    platform.run()
    before = {name: of_object(ecom, name) for name in (A, B)}
    assert {d["source"] for told in before.values() for d in told["dates"]} == {"counted now"}
    rebuild_ledger(platform)
    for name, told in before.items():
        assert of_object(ecom, name)["total"] == told["total"]
    assert before[B]["total"]["duplicate_count"] == 2


def test_what_waits_to_be_rebuilt_is_told_as_pending(ecom: Ecom, platform: SmallPlatform) -> None:
    platform.drop("a.csv", *LINES)
    platform.ingest()
    assert of_object(ecom, A)["total"]["pending_count"] == 5
    platform.run()
    platform.drop("b.csv", at(1))
    platform.ingest()
    total = of_object(ecom, A)["total"]
    assert (total["pending_count"], total["clean_count"], total["rejected_count"]) == (2, 1, 1)


def test_an_object_is_found_by_its_path_and_an_unknown_one_has_near_matches(
    ecom: Ecom, traced: SmallPlatform
) -> None:
    path = traced.lake.settings.landing_path / A
    assert of_object(ecom, str(path))["source_object"] == A
    ended = ecom("trace", "a.csv")
    assert (ended.code, len(ended.err.splitlines())) == (1, 1)
    assert "a.csv was never read" in ended.err
    assert f"did you mean {A}" in ended.err
    assert ecom("trace", A, "--row", "0").code == 2


def test_tracing_changes_nothing(ecom: Ecom, traced: SmallPlatform) -> None:
    before = content(traced.lake.settings.lake_path)
    ecom("trace", A)
    ecom("trace", A, "--row", "2")
    assert content(traced.lake.settings.lake_path) == before
