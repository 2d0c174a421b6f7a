"""`ecom run`: the checks that it leaves behind, and building anew what was lost."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
import pytest

from ecom_platform.definitions import build_defs
from ecom_platform_tests.checks.check_pages import CheckPages
from ecom_platform_tests.samples import DAY, at

if TYPE_CHECKING:
    from ecom_platform.settings import Settings
    from ecom_platform_tests.cli.conftest import Ecom
    from ecom_platform_tests.platform_in_small import SmallPlatform


def test_every_closed_date_is_held_against_the_dimensions(
    ecom: Ecom, home: Path, platform: SmallPlatform, settings: Settings
) -> None:
    next_day = DAY + dt.timedelta(days=1)
    platform.drop("a.csv", at(1), at(1, day=next_day))
    assert ecom("run").code == 0
    with dg.DagsterInstance.from_config(str(home)) as instance:
        pages = CheckPages(build_defs(settings), instance)
        for day in (DAY, next_day):
            for check in ("no_orphan_users", "no_orphan_products"):
                shown = pages.shown("fact_user_events", check, day)
                assert (shown.state, shown.is_current) == ("SUCCEEDED", True)
                assert shown.numbers == {"keys": 1, "orphans": 0, "judged": 1}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["rejected_events"], "--rebuild rejected_events: choose one of raw_events, clean_events"),
        (["landing_objects", "--from", str(DAY)], "--rebuild landing_objects: choose one of"),
        (["clean_events"], "--rebuild clean_events needs --from: name the dates to build anew"),
    ],
)
def test_a_table_that_cannot_be_built_anew_is_told(
    ecom: Ecom, arguments: list[str], told: str
) -> None:
    ended = ecom("run", "--rebuild", *arguments)
    assert ended.code != 0
    assert told in " ".join(ended.err.split())


@pytest.mark.usefixtures("home")
def test_a_lost_file_is_told_with_the_command_that_builds_it_anew(
    ecom: Ecom, platform: SmallPlatform
) -> None:
    platform.drop("a.csv", at(1), at(2))
    platform.run()
    lost = platform.lake.table("clean_events").files()[0].path
    Path(lost).unlink()
    platform.drop("b.csv", {**at(3), "price": "7.00"})
    dated = ["--from", str(DAY)]
    fact = platform.paths("fact_user_events")
    refused = ecom("run", "--rebuild", "fact_user_events", *dated)
    assert refused.code == 1
    assert f"clean_events of {DAY} cannot be read: {lost} is not there" in refused.err
    remedy = ["run", "--rebuild", "clean_events", "--from", str(DAY), "--to", str(DAY)]
    assert f"`ecom {' '.join(remedy)}`" in refused.err
    assert platform.paths("fact_user_events") == fact

    assert ecom(*remedy).code == 0
    assert len(platform.rows("clean_events")) == 2
    # Only what was asked for: the new object waits for a run without --rebuild.
    assert platform.pending() == ["events/b.csv"]
    assert ecom("run", "--rebuild", "fact_user_events", *dated).code == 0
    assert platform.paths("fact_user_events") != fact
    assert len(platform.rows("fact_user_events")) == 2

    raw = platform.lake.table("raw_events").files()[0].path
    Path(raw).unlink()
    assert ecom("run", "--rebuild", "raw_events", *dated).code == 0
    assert len(platform.rows("raw_events")) == 3
