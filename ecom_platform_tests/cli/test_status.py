"""`ecom status`: numbers, what is stale, what waits; an empty lake says what to do next."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ecom_platform_tests.samples import DAY, at

if TYPE_CHECKING:
    from ecom_platform_tests.cli.conftest import Ecom
    from ecom_platform_tests.platform_in_small import SmallPlatform

FREE = {"price": "0.00"}


def line(text: str, beginning: str) -> list[str]:
    """The cells of the table's line that begins with a text."""
    (found,) = (line for line in text.splitlines() if line.startswith(f"│ {beginning} "))
    return [cell.strip() for cell in found.strip("│").split("│")]


def test_an_empty_lake_says_what_to_do_next(ecom: Ecom, platform: SmallPlatform) -> None:
    ended = ecom("status")
    assert (ended.code, ended.err) == (0, "")
    assert "is empty: nothing was published yet" in ended.out
    assert "landing/events and start `ecom run`" in ended.out
    assert not platform.lake.settings.lake_path.exists()


def test_what_waits_in_landing_is_told_also_of_an_empty_lake(
    ecom: Ecom, platform: SmallPlatform
) -> None:
    for number in range(12):
        platform.drop(f"{number:02d}[red].csv", at(1))
    platform.drop("readme.md", text="x")
    shown = ecom("status").out
    assert "Pending in landing: 12 (" in shown
    assert "  events/00[red].csv, " in shown
    assert "  and 2 more" in shown
    assert "Ignored in landing for their names: 1\n  events/readme.md" in shown


def test_a_table_is_a_line_with_its_numbers(ecom: Ecom, platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1), at(1), at(2), FREE, "no,event")
    platform.run()
    shown = ecom("status").out
    clean = line(shown, "clean_events")
    assert clean[:7] == ["clean_events", f"{DAY}..{DAY}", "1", "2", "1", "1", ""]
    assert clean[8] == "run-1"
    assert line(shown, "raw_events")[3:6] == ["4", "", "1"]
    assert line(shown, "fact_user_events")[3] == "2"
    assert "Pending" not in shown


def test_what_is_stale_is_named_with_its_dates(ecom: Ecom, platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1))
    platform.ingest()
    shown = ecom("status").out
    assert line(shown, "clean_events")[6] == "1"
    assert f"Stale: clean_events {DAY}\n" in shown
    assert "`ecom run` rebuilds what is stale." in shown


def test_a_refused_object_is_named_with_its_reason(ecom: Ecom, platform: SmallPlatform) -> None:
    platform.drop("a.csv", text="nothing,[bold]like,events\n1,2,3\n")
    platform.ingest()
    shown = ecom("status").out
    assert "Refused whole: 1" in shown
    assert "  events/a.csv: line 1 names none" in shown
    assert "(no_header)" in shown


def test_dates_are_told_one_a_line_with_a_total(ecom: Ecom, platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1), at(1), FREE)
    platform.run()
    platform.drop("b.csv", at(2))
    platform.ingest()
    shown = ecom("status", "--dates").out
    assert line(shown, str(DAY))[:5] == [str(DAY), "3", "1", "1", "1"]
    assert line(shown, str(DAY))[-1] == "clean_events"
    assert line(shown, "dates: 1")[1:5] == ["3", "1", "1", "1"]
    assert "rejected: price_not_positive" in shown


def test_json_tells_the_same(ecom: Ecom, platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1), at(1), FREE)
    platform.run()
    platform.drop("b.csv", at(2))
    told = json.loads(ecom("status", "--format", "json").out)
    clean = next(table for table in told["tables"] if table["table"] == "clean_events")
    assert clean["row_count"] == clean["duplicate_count"] == clean["rejected_count"] == 1
    assert (clean["first_date"], clean["last_date"], clean["date_count"]) == (str(DAY), str(DAY), 1)
    assert clean["last_published_at"].endswith("Z")
    assert [found["source_object"] for found in told["pending"]] == ["events/b.csv"]
    (date,) = json.loads(ecom("status", "--dates", "--format", "json").out)
    assert date["rejected"] == {"price_not_positive": 1}
    assert (date["rows_in"], date["duplicates"], date["rows_out"], date["stale"]) == (3, 1, 1, [])


def test_an_empty_lake_is_json_too(ecom: Ecom) -> None:
    assert json.loads(ecom("status", "--format", "json").out)["tables"] == []
    assert json.loads(ecom("status", "--dates", "--format", "json").out) == []


def test_a_lake_that_cannot_be_opened_is_one_line(ecom: Ecom, platform: SmallPlatform) -> None:
    folder = platform.lake.settings.lake_path
    folder.mkdir()
    (folder / "catalog.db").write_text("this is no database, and long enough to be read as one")
    ended = ecom("status")
    assert ended.code == 1
    assert "catalog of the lake" in ended.err
    assert len(ended.err.splitlines()) == 1
