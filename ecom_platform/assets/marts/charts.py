"""Charts as SVG text: bars that need no library to draw and no network to look at.

Belongs here: geometry and colours. Not here: which numbers are drawn.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape

# Dark on a card of its own, so that it reads alike on a light and on a dark page.
_CARD, _INK, _FAINT, _BAR = "#ffffff", "#1f2933", "#d3dce6", "#2a6f97"
_FONT = "font-family='system-ui, sans-serif' font-size='12'"
_WIDTH = 720
_MARGIN = 16
_TITLE = 36

_THOUSAND, _MILLION = 1_000, 1_000_000
# What one place of percent rounds to nothing.
_LEAST_SHARE = 0.0005


def short(number: float) -> str:
    """A number in three or four characters, for the axis of a chart: 950, 12k, 1.2M."""
    if number >= _MILLION:
        return f"{number / _MILLION:.1f}M".replace(".0M", "M")
    if number >= _THOUSAND:
        return f"{number / _THOUSAND:.1f}k".replace(".0k", "k")
    return f"{number:g}"


def column_chart(title: str, labels: Sequence[str], values: Sequence[int]) -> str:
    """Upright bars from left to right, for what has an order in time.

    Args:
        title: what is counted, in words.
        labels: one a bar, short enough to stand below it.
        values: one a bar, none negative.
    """
    height, plot, left = 220, 140, 56
    step = (_WIDTH - left - _MARGIN) / max(len(values), 1)
    top = nice_ceiling(max(values, default=0))
    base = _TITLE + plot
    parts = []
    for tick in (0.0, 0.5, 1.0):
        y = base - plot * tick
        parts.append(_line(left, y, _WIDTH - _MARGIN, y))
        parts.append(_text(left - 6, y + 4, short(top * tick), "end"))
    for number, (label, value) in enumerate(zip(labels, values, strict=True)):
        x, size = left + number * step, plot * value / top
        parts.append(_bar(x + step * 0.1, base - size, step * 0.8, size, f"{label}: {value:,}"))
        parts.append(_text(x + step / 2, base + 18, label, "middle"))
    return _card(title, height, parts)


def bar_chart(title: str, labels: Sequence[str], values: Sequence[int]) -> str:
    """Bars from top to bottom with their numbers beside them, for what has names.

    Args:
        title: what is counted, in words.
        labels: one a bar.
        values: one a bar, none negative.
    """
    row, left, right = 22, 130, 150
    largest, whole = max([*values, 1]), max(sum(values), 1)
    parts = []
    for number, (label, value) in enumerate(zip(labels, values, strict=True)):
        y = _TITLE + number * row
        size = (_WIDTH - left - right) * value / largest
        parts.append(_text(left - 8, y + 15, label, "end"))
        parts.append(_bar(left, y + 3, size, row - 6, f"{label}: {value:,}"))
        parts.append(
            _text(left + size + 8, y + 15, f"{value:,} ({rounded_share(value, whole)})", "start")
        )
    return _card(title, _TITLE + row * len(values) + _MARGIN, parts)


def rounded_share(part: int, whole: int) -> str:
    """A share in percent with one place, which never reads as none when it is not."""
    return "<0.1%" if 0 < part / whole < _LEAST_SHARE else f"{part / whole:.1%}"


def as_markdown(svg: str, words: str) -> str:
    """A chart as an image of a Markdown text, which carries it itself.

    Args:
        svg: the chart.
        words: what stands in its place for who cannot see it.
    """
    encoded = base64.b64encode(svg.encode()).decode("ascii")
    return f"![{words}](data:image/svg+xml;base64,{encoded})"


def nice_ceiling(number: float) -> int:
    """The smallest 1, 2, 3, 4, 5, 6 or 8 with zeros behind it that is not below a number."""
    power = 1
    while power * 10 < number:
        power *= 10
    return next(power * step for step in (1, 2, 3, 4, 5, 6, 8, 10) if power * step >= number)


def _card(title: str, height: int, parts: Sequence[str]) -> str:
    named = escape(title)
    return "".join(
        [
            f"<svg xmlns='http://www.w3.org/2000/svg' role='img' width='{_WIDTH}' "
            f"height='{height}' viewBox='0 0 {_WIDTH} {height}'>",
            f"<title>{named}</title>",
            f"<rect width='{_WIDTH}' height='{height}' rx='6' fill='{_CARD}' stroke='{_FAINT}'/>",
            f"<text x='{_MARGIN}' y='24' font-weight='600' {_FONT} fill='{_INK}'>{named}</text>",
            *parts,
            "</svg>",
        ]
    )


def _bar(x: float, y: float, width: float, height: float, words: str) -> str:
    shape = f"x='{x:.1f}' y='{y:.1f}' width='{width:.1f}' height='{height:.1f}' fill='{_BAR}'"
    return f"<rect {shape}><title>{escape(words)}</title></rect>"


def _text(x: float, y: float, words: str, anchor: str) -> str:
    place = f"x='{x:.1f}' y='{y:.1f}' text-anchor='{anchor}'"
    return f"<text {place} {_FONT} fill='{_INK}'>{escape(words)}</text>"


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f"<line x1='{x1:.1f}' y1='{y1:.1f}' x2='{x2:.1f}' y2='{y2:.1f}' stroke='{_FAINT}'/>"
