"""`ecom trace --row`: every fate of a line, told to people and to programs."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest

from ecom_platform_tests.checks.tampering import published_instead
from ecom_platform_tests.cli.traced_objects import A, B
from ecom_platform_tests.lake.published import content
from ecom_platform_tests.ledger_in_small import run_all
from ecom_platform_tests.rollback_in_small import back, versions
from ecom_platform_tests.s3_in_small import everywhere, everywhere_at_length
from ecom_platform_tests.samples import DAY, at, csv_line, csv_text

if TYPE_CHECKING:
    from ecom_platform_tests.cli.conftest import Ecom
    from ecom_platform_tests.platform_in_small import SmallPlatform


def of_row(ecom: Ecom, name: str, row: int, *options: str) -> dict[str, object]:
    ended = ecom("trace", name, "--row", str(row), "--format", "json", *options)
    assert (ended.code, ended.err) == (0, "")
    return json.loads(ended.out)


# --- One line


@everywhere
def test_a_published_line_is_told_with_its_event(ecom: Ecom, traced: SmallPlatform) -> None:
    told = of_row(ecom, A, 2)
    (event,) = [r for r in traced.rows("fact_user_events") if r["event_time"].hour == 1]
    assert told["fate"] == "published"
    assert told["event_id"] == event["event_id"]
    assert (told["event_date"], told["event_hour"]) == (str(DAY), 1)
    assert told["table"] == "fact_user_events"
    assert told["line"] == csv_line(at(1))
    assert told["values"]["price"] == 130.76
    shown = ecom("trace", A, "--row", "2").out
    assert f"published as event_id {event['event_id']} in fact_user_events, {DAY} hour 1" in shown


@everywhere_at_length
@pytest.mark.parametrize(
    ("name", "row", "of", "fate"),
    [(A, 3, (A, 2), "published"), (B, 2, (A, 8), "published"), (A, 5, (A, 4), "rejected")],
)
def test_a_duplicate_is_told_with_the_line_that_it_repeats_and_that_lines_fate(
    ecom: Ecom, traced: SmallPlatform, name: str, row: int, of: tuple[str, int], fate: str
) -> None:
    told = of_row(ecom, name, row)
    assert told["fate"] == "duplicate"
    assert told["duplicate_of"] == {"source_object": of[0], "source_row": of[1]}
    assert f"duplicate of {of[0]} line {of[1]}, which is {fate}" in told["sentence"]


def test_a_rejected_line_is_told_with_its_reason(ecom: Ecom, traced: SmallPlatform) -> None:
    told = of_row(ecom, A, 4)
    assert (told["fate"], told["reason"]) == ("rejected", "price_not_positive")
    assert told["sentence"] == "rejected: price_not_positive. The price is zero or negative."


def test_a_malformed_line_is_told_with_its_reason_and_what_was_wrong(
    ecom: Ecom, traced: SmallPlatform
) -> None:
    told = of_row(ecom, A, 7)
    assert (told["fate"], told["reason"], told["line"]) == ("malformed", "field_count", "no,event")
    assert told["detail"] == "2 fields, expected 9"
    assert of_row(ecom, A, 6)["event_date"] == str(DAY)


def test_the_header_and_lines_beyond_the_end_are_told(ecom: Ecom, traced: SmallPlatform) -> None:
    header = of_row(ecom, A, 1)
    assert header["fate"] == "header"
    assert header["line"].startswith("event_time,event_type")
    beyond = of_row(ecom, A, 9)
    assert beyond["fate"] == "no_such_row"
    assert "its rows are the lines 2 to 8" in beyond["sentence"]


@everywhere_at_length
def test_what_was_not_ingested_yet_is_told(ecom: Ecom, traced: SmallPlatform) -> None:
    traced.drop("c.csv", at(6))
    told = of_row(ecom, "events/c.csv", 2)
    assert (told["fate"], told["line"]) == ("not_ingested", csv_line(at(6)))
    assert "not ingested yet" in ecom("trace", "events/c.csv").out


def test_a_damaged_object_that_was_not_ingested_yet_is_told_without_its_text(
    ecom: Ecom, platform: SmallPlatform
) -> None:
    platform.drop("a.csv.gz", content=gzip.compress(csv_text([at(1)]).encode())[:-9])
    told = of_row(ecom, "events/a.csv.gz", 2)
    assert (told["fate"], told["line"]) == ("not_ingested", None)


def test_a_line_of_a_new_lake_is_told_and_the_lake_is_not_made(
    ecom: Ecom, platform: SmallPlatform
) -> None:
    platform.drop("a.csv", at(1))
    before = content(platform.lake.settings.lake_path)
    assert of_row(ecom, A, 2)["fate"] == "not_ingested"
    assert content(platform.lake.settings.lake_path) == before


@everywhere_at_length
def test_a_superseded_line_is_told_with_the_version_that_replaced_it(
    ecom: Ecom, traced: SmallPlatform
) -> None:
    old = traced.lake.objects.current()[A].object_version
    traced.drop("a.csv", at(7))
    assert "newer version" in of_row(ecom, A, 2)["note"]
    run_all(traced)
    new = traced.lake.objects.current()[A].object_version
    beyond = of_row(ecom, A, 8)
    assert (beyond["fate"], beyond["superseded_by"]) == ("superseded", new)
    assert beyond["object_version"] == old
    assert of_row(ecom, A, 2)["event_hour"] == 7
    asked = of_row(ecom, A, 2, "--version", old[:8])
    assert (asked["fate"], asked["object_version"]) == ("superseded", old)
    ended = ecom("trace", A, "--row", "2", "--version", "nix")
    assert (ended.code, len(ended.err.splitlines())) == (1, 1)
    assert "it was never read in that version" in ended.err


def test_a_refused_object_is_told_with_its_reason(ecom: Ecom, platform: SmallPlatform) -> None:
    platform.drop("a.csv", text="nothing,like,events\n1,2,3\n")
    run_all(platform)
    told = of_row(ecom, A, 2)
    assert (told["fate"], told["reason"]) == ("refused", "no_header")
    assert "refused whole, no_header" in ecom("trace", A).out


def test_a_line_whose_hour_is_not_rebuilt_yet_is_pending(ecom: Ecom, traced: SmallPlatform) -> None:
    traced.drop("c.csv", at(1, 5))
    traced.ingest()
    assert of_row(ecom, A, 2)["fate"] == of_row(ecom, "events/c.csv", 2)["fate"] == "pending"
    assert of_row(ecom, A, 4)["fate"] == "rejected"
    traced.run()
    assert of_row(ecom, A, 2)["fate"] == of_row(ecom, "events/c.csv", 2)["fate"] == "published"


def test_a_line_of_a_held_date_says_who_holds_it_and_why(ecom: Ecom, traced: SmallPlatform) -> None:
    traced.drop("c.csv", at(1, 5))
    traced.run()
    back(traced, "clean_events", versions(traced, "clean_events")[0])
    told = of_row(ecom, "events/c.csv", 2)
    assert told["fate"] == "pending"
    assert "is held as ann put it back" in told["sentence"]
    assert "(a bad file)" in told["sentence"]


def test_a_line_that_is_lost_is_told_as_lost(ecom: Ecom, traced: SmallPlatform) -> None:
    def keep(rows):
        return [row for row in rows if row["event_time"].hour != 1]

    with published_instead(traced.lake, "clean_events", keep, DAY):
        assert of_row(ecom, A, 2)["fate"] == of_row(ecom, A, 3)["fate"] == "lost"
    with published_instead(traced.lake, "fact_user_events", keep, DAY):
        told = of_row(ecom, A, 2)
    assert told["fate"] == "lost"
    assert "lost between clean_events and fact_user_events" in told["sentence"]


@everywhere_at_length
def test_the_text_is_what_the_lake_holds_when_landing_holds_it_no_more(
    ecom: Ecom, traced: SmallPlatform
) -> None:
    traced.drop.take_away(A)
    told = of_row(ecom, A, 2)
    assert (told["fate"], told["line"]) == ("published", None)
    assert told["values"]["brand"] == "samsung"
    assert of_row(ecom, A, 7)["line"] == "no,event"


def test_a_line_of_a_compressed_object_is_read(ecom: Ecom, platform: SmallPlatform) -> None:
    platform.drop("a.csv.gz", content=gzip.compress(csv_text([at(1), at(2)]).encode()))
    run_all(platform)
    assert of_row(ecom, "events/a.csv.gz", 3)["line"] == csv_line(at(2))
