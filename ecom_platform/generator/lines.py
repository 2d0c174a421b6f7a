"""Rows as CSV text: header, fields and the fast assembly of an hour's lines.

Belongs here: the REES46 line format. Not here: files (files.py) and broken lines (malformed.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ecom_platform.generator import calibration
from ecom_platform.generator.catalogue import Catalogue
from ecom_platform.generator.config import EVENT_TYPES
from ecom_platform.generator.timeline import HourOfEvents
from ecom_platform.generator.visitors import Bytes
from ecom_platform.generator.world import date_of

HEADER = (
    b"event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session\n"
)
_SECONDS = 3600
_PIECES_A_LINE = 4


@dataclass(frozen=True, eq=False)
class Text:
    """Lines in one piece of memory.

    Attributes:
        data: the lines, each with its line break.
        ends: position after each line.
    """

    data: memoryview
    ends: npt.NDArray[np.int64]

    def line(self, row: int) -> bytes:
        """One line, without its line break."""
        begin = int(self.ends[row - 1]) if row else 0
        return bytes(self.data[begin : int(self.ends[row]) - 1])


@dataclass(frozen=True, eq=False)
class _Pieces:
    """Ready-made parts of lines: their text in one piece, and the length of each."""

    data: Bytes
    lengths: npt.NDArray[np.int64]

    @classmethod
    def of(cls, texts: Iterable[str]) -> _Pieces:
        """Pieces of those texts."""
        parts = [text.encode() for text in texts]
        return cls(np.frombuffer(b"".join(parts), np.uint8), np.array([*map(len, parts)]))


class LineAssembler:
    """Writes rows as text by gathering ready-made pieces, four a line.

    A line is: time and type, product up to brand, price, visitor. All pieces that occur lie in one
    buffer, so one `take` of pyarrow yields the text of a whole hour.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        products, prices = _product_pieces(catalogue), _price_pieces()
        times = [_time_pieces(event_type) for event_type in EVENT_TYPES]
        fixed = [products, prices, *times]
        self._data = np.concatenate([pieces.data for pieces in fixed])
        lengths = np.concatenate([pieces.lengths for pieces in fixed])
        self._ends = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
        self._fixed_bytes, self._fixed_pieces = len(self._data), len(lengths)
        self._first_price = len(products.lengths)
        self._first_time = self._first_price + len(prices.lengths)
        # Where the times of each event type lie, to write the date and hour into all of them.
        begin = self._fixed_bytes - sum(len(pieces.data) for pieces in times)
        self._time_places = []
        for pieces in times:
            self._time_places.append(slice(begin, begin + len(pieces.data)))
            begin += len(pieces.data)

    def lines(self, events: HourOfEvents, rows: npt.NDArray[np.integer] | None = None) -> Text:
        """The lines of an hour, or of some of its rows."""
        index = np.empty((len(events.second), _PIECES_A_LINE), dtype=np.int32)
        index[:, 0] = self._first_time + _SECONDS * events.event_type.astype(np.int32)
        index[:, 0] += events.second
        index[:, 1] = events.product
        index[:, 2] = self._first_price + events.cents
        index[:, 3] = self._fixed_pieces + events.visitor
        if rows is not None:
            index = index[rows]
        if not index.size:
            return Text(memoryview(b""), np.arange(0))
        offsets, data = self._pieces(events).take(index.ravel()).buffers()[1:]
        assert offsets is not None
        assert data is not None
        piece_ends = np.frombuffer(memoryview(offsets), np.int32)[1 : 1 + index.size]
        ends = piece_ends[_PIECES_A_LINE - 1 :: _PIECES_A_LINE].astype(np.int64)
        return Text(memoryview(data)[: int(ends[-1])], ends)

    def _pieces(self, events: HourOfEvents) -> pa.Array:
        """All pieces that lines of the hour are made of."""
        stamp = f"{date_of(events.hour)} {events.hour % 24:02d}".encode()
        for place in self._time_places:
            by_second = self._data[place].reshape(_SECONDS, -1)
            by_second[:, : len(stamp)] = np.frombuffer(stamp, np.uint8)
        visitors = (events.visitors, events.nameless)
        self._make_room(sum(text.size for text in visitors), sum(map(len, visitors)))
        piece, end = self._fixed_pieces, self._fixed_bytes
        for text in visitors:
            steps = np.arange(1, len(text) + 1, dtype=np.int32) * text.shape[1]
            self._ends[piece + 1 : piece + 1 + len(text)] = end + steps
            self._data[end : end + text.size] = text.ravel()
            piece, end = piece + len(text), end + text.size
        buffers = [pa.py_buffer(array.data) for array in (self._ends, self._data)]
        return pa.Array.from_buffers(pa.binary(), piece, [None, *buffers])

    def _make_room(self, size: int, count: int) -> None:
        """Let visitors of that size and number fit behind the pieces that stay."""
        if len(self._data) < self._fixed_bytes + size:
            room = np.empty(size + size // 2, np.uint8)
            self._data = np.concatenate([self._data[: self._fixed_bytes], room])
        if len(self._ends) < self._fixed_pieces + 1 + count:
            more = np.empty(count + count // 2, np.int32)
            self._ends = np.concatenate([self._ends[: self._fixed_pieces + 1], more])


@lru_cache(maxsize=2)
def _product_pieces(catalogue: Catalogue) -> _Pieces:
    """`product_id,category_id,category_code,brand,` of every product."""
    categories = catalogue.categories
    middles = [
        f"{category_id},{code or ''}"
        for category_id, code in zip(categories.ids.tolist(), categories.codes, strict=True)
    ]
    brands = (*catalogue.brand_names, "")  # the last one is found at NO_BRAND, which is -1
    columns = (catalogue.product_id, catalogue.category, catalogue.brand)
    return _Pieces.of(
        f"{product_id},{middles[category]},{brands[brand]},"
        for product_id, category, brand in zip(*(c.tolist() for c in columns), strict=True)
    )


@lru_cache(maxsize=1)
def _price_pieces() -> _Pieces:
    """`0.00,` to the highest price, by cents."""
    highest = calibration.MAX_PRICE_CENTS
    return _Pieces.of(f"{cents // 100}.{cents % 100:02d}," for cents in range(highest + 1))


def _time_pieces(event_type: str) -> _Pieces:
    """`YYYY-MM-DD HH:MM:SS UTC,type,` of every second of an hour; date and hour are written later.

    All have one length, so that they can be written into as a table.
    """
    return _Pieces.of(
        f"0000-00-00 00:{second // 60:02d}:{second % 60:02d} UTC,{event_type},"
        for second in range(_SECONDS)
    )
