"""Charts: well-formed SVG whose bars stand in proportion to their numbers."""

from __future__ import annotations

import base64
import re
import xml.etree.ElementTree as ET

import pytest

from ecom_platform.assets.marts.charts import (
    as_markdown,
    bar_chart,
    column_chart,
    nice_ceiling,
    short,
)

SVG = "{http://www.w3.org/2000/svg}"


def bars(svg: str, size: str) -> list[float]:
    """The lengths of a chart's bars: the rectangles that tell their number."""
    root = ET.fromstring(svg)
    named = [rect for rect in root.iter(f"{SVG}rect") if rect.find(f"{SVG}title") is not None]
    return [float(rect.get(size, "")) for rect in named]


def test_upright_bars_stand_in_proportion() -> None:
    heights = bars(column_chart("Rows", ["a", "b", "c"], [50, 100, 0]), "height")
    assert heights == [70.0, 140.0, 0.0]


def test_lying_bars_stand_in_proportion_and_tell_their_shares() -> None:
    svg = bar_chart("Rows", ["a", "b"], [30, 10])
    first, second = bars(svg, "width")
    assert first == pytest.approx(3 * second, abs=0.2)
    assert "30 (75.0%)" in svg
    assert "10 (25.0%)" in svg


@pytest.mark.parametrize(
    ("part", "told"), [(0, "0.0%"), (1, "&lt;0.1%"), (5, "0.1%"), (9_994, "99.9%")]
)
def test_a_small_share_never_reads_as_none(part: int, told: str) -> None:
    assert f"{part:,} ({told})" in bar_chart("Rows", ["a", "b"], [part, 10_000 - part])


@pytest.mark.parametrize("draw", [column_chart, bar_chart])
def test_nothing_and_nothings_are_drawn_without_fault(draw) -> None:
    assert bars(draw("Rows", [], []), "height") == []
    assert len(bars(draw("Rows", ["a", "b"], [0, 0]), "height")) == 2


@pytest.mark.parametrize("draw", [column_chart, bar_chart])
def test_names_with_marks_of_xml_are_text(draw) -> None:
    svg = draw("<b> & 'c'", ["<script>"], [1])
    texts = {element.text for element in ET.fromstring(svg).iter()}
    assert {"<b> & 'c'", "<script>"} <= texts
    assert "<script>" not in svg


def test_an_image_carries_itself_and_its_words() -> None:
    svg = column_chart("Rows", ["a"], [1])
    words, encoded = re.fullmatch(
        r"!\[(.*)\]\(data:image/svg\+xml;base64,(.*)\)", as_markdown(svg, "one row")
    ).groups()
    assert words == "one row"
    assert base64.b64decode(encoded).decode() == svg


@pytest.mark.parametrize(
    ("number", "ceiling"), [(0, 1), (1, 1), (7, 8), (9, 10), (101, 200), (6_001, 8_000)]
)
def test_an_axis_ends_at_a_round_number(number: int, ceiling: int) -> None:
    assert nice_ceiling(number) == ceiling


def test_an_axis_is_labelled_in_few_characters() -> None:
    assert [short(n) for n in (0, 950, 12_000, 1_500, 2_000_000)] == [
        "0",
        "950",
        "12k",
        "1.5k",
        "2M",
    ]
