"""`ecom history`, `ecom rollback` and `ecom release`: what they show, ask and refuse."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import pytest

from ecom_platform.pipeline.maintenance import maintain
from ecom_platform.pipeline.rollback import roll_back
from ecom_platform_tests.s3_in_small import everywhere
from ecom_platform_tests.samples import DAY, at
from ecom_platform_tests.upkeep_in_small import CLEAN, FACT, LATER

if TYPE_CHECKING:
    from ecom_platform.lake.lake import Lake
    from ecom_platform.lake.table import Snapshot
    from ecom_platform.pipeline.rollback_plan import RollbackPlan
    from ecom_platform_tests.cli.conftest import Ecom
    from ecom_platform_tests.platform_in_small import SmallPlatform


@pytest.fixture(autouse=True)
def _wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "250")


@pytest.fixture
def two_runs(platform: SmallPlatform) -> SmallPlatform:
    platform.drop("a.csv", at(1))
    platform.run()
    platform.drop("bad.csv", at(5), at(6))
    platform.run()
    return platform


def versions(ecom: Ecom, table: str = CLEAN, *options: str) -> list[dict]:
    ended = ecom("history", table, "--format", "json", *options)
    assert ended.code == 0, ended.err
    return json.loads(ended.out)


@everywhere
@pytest.mark.slow
def test_the_whole_life_of_a_rollback(two_runs: SmallPlatform, ecom: Ecom) -> None:
    newest, first = versions(ecom)
    assert (newest["rows_added"], newest["rows_removed"], newest["row_count"]) == (3, 1, 3)
    assert (newest["is_current"], first["is_current"]) == (True, False)
    assert (newest["kept_until"], newest["operation"]) == (None, "publish")

    version = str(first["snapshot_id"])
    done = ecom("rollback", CLEAN, "--to", version, "--yes", "--reason", "a bad file")
    assert done.code == 0, done.err
    assert "Held until `ecom release clean_events`: 2020-04-01" in done.out
    back = versions(ecom, CLEAN, "--limit", "1")[0]
    assert (back["operation"], back["row_count"]) == ("rollback", 1)
    assert back["note"].startswith("a bad file (")

    status = ecom("status")
    assert "Held: clean_events 2020-04-01" in status.out
    (held,) = json.loads(ecom("status", "--format", "json").out)["held"]
    assert (held["table_name"], held["reason"]) == (CLEAN, "a bad file")

    run = ecom("run")
    assert run.code == 0, run.err
    assert "Held: clean_events 2020-04-01" in run.out
    assert (len(two_runs.rows(CLEAN)), len(two_runs.rows(FACT))) == (1, 1)

    assert ecom("release", CLEAN, "--date", str(DAY)).code == 0
    run = ecom("run")
    assert "Held" not in run.out
    assert (len(two_runs.rows(CLEAN)), len(two_runs.rows(FACT))) == (3, 3)


def test_it_asks_before_it_does_anything(two_runs: SmallPlatform, ecom: Ecom) -> None:
    first = str(versions(ecom)[1]["snapshot_id"])
    refused = ecom("rollback", CLEAN, "--to", first, stdin="n\n")
    assert refused.code == 1
    assert "2020-04-01" in refused.out
    assert len(two_runs.rows(CLEAN)) == 3
    assert ecom("rollback", CLEAN, "--to", first, stdin="y\n").code == 0
    assert len(two_runs.rows(CLEAN)) == 1


def test_history_of_a_date_leaves_other_dates_out(platform: SmallPlatform, ecom: Ecom) -> None:
    platform.drop("a.csv", at(1))
    platform.run()
    platform.drop("b.csv", at(1, day=DAY.replace(day=2)))
    platform.run()
    assert len(versions(ecom)) == 2
    (only,) = versions(ecom, CLEAN, "--date", "2020-04-02")
    assert only["slice_label"] == "2020-04-02"
    assert "publish" in ecom("history", CLEAN).out


def test_dates_that_were_put_back_together_are_held_in_one_line(
    platform: SmallPlatform, ecom: Ecom
) -> None:
    days = [DAY.replace(day=number) for number in (1, 2, 3, 5)]
    for hour in (1, 2):
        platform.drop("a.csv", *(at(hour, day=day) for day in days))
        platform.run()
    first = str(versions(ecom)[3]["snapshot_id"])
    done = ecom("rollback", CLEAN, "--to", first, "--from", "2020-04-02", "--to-date", "2999-01-01")
    assert (done.code, len(platform.lake.holds.all())) == (1, 0)  # nobody said yes
    done = ecom(
        "rollback", CLEAN, "--to", first, "--from", "2020-04-02", "--to-date", "2999-01-01", "--yes"
    )
    assert done.code == 0, done.err
    assert "2020-04-02..2020-04-03, 2020-04-05" in done.out
    held = [line for line in ecom("status").out.splitlines() if line.startswith("Held")]
    assert len(held) == 2
    assert "clean_events 2020-04-02..2020-04-03 is held as " in held[0]
    assert held[0].endswith("--from 2020-04-02 --to-date 2020-04-03`")
    assert held[1].endswith("--date 2020-04-05`")
    again = ecom(
        "rollback", CLEAN, "--to", first, "--from", "2020-04-02", "--to-date", "2020-04-05"
    )
    assert "nothing to put back" in again.out
    assert again.out.count("Held:") == 2
    ended = ecom("release", CLEAN, "--all")
    assert "Released of clean_events: 2020-04-02..2020-04-03, 2020-04-05" in ended.out


def test_a_run_that_publishes_meanwhile_wins_and_is_named_in_one_line(
    two_runs: SmallPlatform, ecom: Ecom, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overtaken(lake: Lake, plan: RollbackPlan, user: str, reason: str) -> Snapshot:
        two_runs.drop("c.csv", at(9))
        two_runs.run()
        return roll_back(lake, plan, user, reason)

    first = str(versions(ecom)[1]["snapshot_id"])
    monkeypatch.setattr("ecom_platform.cli.rollback.roll_back", overtaken)
    ended = ecom("rollback", CLEAN, "--to", first, "--yes")
    assert ended.code == 1
    assert "run run-1 published 2020-04-01 at the same time" in ended.err
    assert len(ended.err.strip().splitlines()) == 1
    assert (len(two_runs.rows(CLEAN)), two_runs.lake.holds.all()) == (4, [])


@pytest.mark.parametrize(
    ("to", "message"),
    [
        ("12", "no version 12: it was forgotten, or never was. Its history begins at 20"),
        ("2019-01-01", "no version as of 2019-01-01T00:00:00+00:00"),
        ("0001-01-01T00:00+14:00", "no version as of 0001-01-01"),
        ("²", "neither a version nor a time"),
    ],
)
@pytest.mark.usefixtures("two_runs")
def test_a_version_that_is_not_there_is_told_in_one_line(ecom: Ecom, to: str, message: str) -> None:
    ended = ecom("rollback", CLEAN, "--to", to, "--yes")
    assert ended.code in (1, 2)
    assert message in ended.err
    assert len(ended.err.strip().splitlines()) == 1


def test_a_version_that_was_forgotten_is_told_with_what_is_left(
    two_runs: SmallPlatform, ecom: Ecom
) -> None:
    first = str(versions(ecom)[1]["snapshot_id"])
    maintain(two_runs.lake, dt.datetime.now(tz=dt.UTC) + LATER, "maintenance-1")
    ended = ecom("rollback", CLEAN, "--to", first, "--yes")
    assert ended.code == 1
    assert f"no version {first}: it was forgotten" in ended.err
    assert "`ecom history clean_events` lists it" in ended.err


@pytest.mark.usefixtures("two_runs")
def test_going_back_to_what_is_there_changes_nothing(ecom: Ecom) -> None:
    ended = ecom("rollback", CLEAN, "--to", str(versions(ecom)[0]["snapshot_id"]))
    assert (ended.code, "nothing to put back" in ended.out) == (0, True)
    assert len(versions(ecom)) == 2


@pytest.mark.parametrize(
    ("arguments", "message", "code"),
    [
        (["rollback", CLEAN, "--to", "yesterday"], "neither a version nor a time", 2),
        (["rollback", CLEAN, "--to", "1"], "nothing was published", 1),
        (["rollback", CLEAN, "--to", "1", "--to-date", "2020-04-01"], "--to-date needs --from", 2),
        (["rollback", CLEAN, "--to", "1", "--date", "soon"], "write dates like", 2),
        (
            ["rollback", CLEAN, "--to", "1", "--date", "2020-04-01", "--from", "2020-04-01"],
            "name one date",
            2,
        ),
        (["release", CLEAN], "say which dates", 2),
        (["release", CLEAN, "--all", "--date", "2020-04-01"], "say which dates", 2),
        (["release", CLEAN, "--all"], "nothing of clean_events is held", 1),
        (["history", "clean"], "there is no table 'clean'", 1),
        (["rollback", "clean", "--to", "1"], "there is no table 'clean'", 1),
        (["rollback", "raw_events", "--to", "1"], "deliver the object again", 1),
        (["rollback", "dim_users", "--to", "1", "--date", "2020-04-01"], "it has no dates", 1),
        (["history", CLEAN], "nothing was published in clean_events", 1),
    ],
)
def test_a_mistake_is_told_in_one_line(
    ecom: Ecom, arguments: list[str], message: str, code: int
) -> None:
    ended = ecom(*arguments)
    assert ended.code == code
    assert message in ended.err
    assert len(ended.err.strip().splitlines()) == 1
