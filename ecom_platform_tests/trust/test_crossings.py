"""The places to be killed at: each is still there when the code around it has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecom_platform_tests.trust.crossings import NAMED, PLACES, POINTS, Crossings, Kill

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("point", POINTS)
def test_every_point_is_found_and_crossed_before_and_after(
    point: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crossings = Crossings(Kill(0), tmp_path / "told.txt")
    owner, attribute = crossings.find(point)
    assert callable(getattr(owner, attribute))
    monkeypatch.setattr(owner, attribute, lambda: "done")
    assert crossings.wrap(point, getattr(owner, attribute))() == "done"
    places = {f"{when} {point}" for when in ("before", "while", "after")} & set(PLACES)
    assert crossings.count == len(places) > 1


def test_what_the_guarantee_names_are_places() -> None:
    assert {place for places in NAMED.values() for place in places} <= set(PLACES)
