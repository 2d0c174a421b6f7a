"""The dashboard after `ecom run`: written when something changed, and nobody is named on it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from ecom_platform.lake.sql import connect
from ecom_platform_tests.dashboard_in_small import publish_rows
from ecom_platform_tests.samples import at

if TYPE_CHECKING:
    from ecom_platform.lake.lake import Lake
    from ecom_platform_tests.cli.conftest import Ecom
    from ecom_platform_tests.platform_in_small import SmallPlatform


def visits() -> list[dict[str, str]]:
    """Two visits of each of a few users, who buy, leave carts, and once share a session."""
    lines: list[dict[str, str]] = []
    for number in range(8):
        who = {"user_id": str(700_000_101 + 1_111 * number)}
        for hour in (8, 20):
            of_visit = {**who, "user_session": f"5e55{number:02d}{hour:02d}-aaaa-4bbb-8ccc-d00d"}
            kinds = ("view", "cart", "purchase")[: 1 + number % 3]
            lines += [
                {**at(hour, minute), **of_visit, "event_type": kind}
                for minute, kind in enumerate(kinds)
            ]
    stranger = {**lines[0], "user_id": "799999999", "event_time": "2020-04-01 09:00:01 UTC"}
    return [*lines, stranger, lines[0], {**lines[1], "price": "-1", "user_id": "788888888"}]


@pytest.mark.usefixtures("home")
def test_a_run_writes_the_page_once_and_nobody_is_named_on_it(
    ecom: Ecom, platform: SmallPlatform
) -> None:
    platform.drop("a.csv", *visits(), "no,event,of,user,777777777")
    platform.drop("broken.csv", text="event_time,user_id\n2020-04-01 01:00:00 UTC,766666666\n")
    people = [{"name": "Zoltan Quaxley", "email": "zq@mailbox.example"}]
    publish_rows(platform.lake, "oltp_users", people)
    page = platform.lake.settings.lake_path / "dashboard" / "index.html"

    ended = ecom("run")
    assert ended.code == 0, ended.err
    assert f"Dashboard: {page}" in ended.out
    html = page.read_text(encoding="utf-8")
    assert '"failed":true' in html  # checks have told of this lake: their words are on the page
    secrets = secrets_of(platform.lake)
    assert len(secrets) > 8 + 16
    assert named_on(html, secrets) == []
    # Whoever was there would be found.
    assert named_on(f"{html}{secrets[0]}", secrets) == [secrets[0]]

    before = page.stat()
    ended = ecom("run")
    assert ended.code == 0
    assert f"Dashboard: {page}" in ended.out
    assert (page.stat().st_mtime_ns, page.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


def secrets_of(lake: Lake) -> list[str]:
    """Every id of a user or a session that arrived, and what the shop knows of people."""
    with connect(lake) as connection:
        found = connection.execute(
            """
            SELECT CAST(user_id AS TEXT) FROM raw_events UNION SELECT user_session FROM raw_events
            UNION SELECT name FROM oltp_users UNION SELECT email FROM oltp_users
            UNION SELECT UNNEST(regexp_extract_all(line, '\\b7\\d{8}\\b')) FROM rejected_events
            """
        ).fetchall()
    return [*sorted(text for (text,) in found if text), "766666666"]


def named_on(html: str, secrets: list[str]) -> list[str]:
    """Those that stand on a page, also where their characters are written otherwise."""
    plain = re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), html)
    return [secret for secret in secrets if secret in html or secret in plain]
