"""The header line: which columns an object has, and where they stand.

Belongs here: reading line 1 of an object. Not here: the lines below it.
"""

from __future__ import annotations

from dataclasses import dataclass

from ecom_platform.landing.columns import SOURCE_COLUMNS
from ecom_platform.landing.line_parser import split_fields
from ecom_platform.landing.rejections import ObjectRefused

_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")
_SHOWN_BYTES = 60


@dataclass(frozen=True)
class ObjectHeader:
    """Line 1 of an object.

    Attributes:
        names: Column names as they stand, trimmed, in lower case.
        positions: Where the nine source columns stand, in the order of `SOURCE_COLUMNS`.
        warnings: What was tolerated, for a person: columns that nobody reads.
    """

    names: tuple[str, ...]
    positions: tuple[int, ...]
    warnings: tuple[str, ...]


def parse_header(line: bytes) -> ObjectHeader:
    """Find the nine source columns by name: any order, any case, spaces and quotes around them.

    Args:
        line: Line 1 of the object, without its line end.

    Raises:
        ObjectRefused: `not_utf8`, `no_header`, `missing_column` or `duplicate_column`.
    """
    names = _names(_text(line))
    known = [name for name in SOURCE_COLUMNS if name in names]
    if not known:
        raise ObjectRefused(
            "no_header",
            "line 1 names none of the nine columns, it begins with "
            f"{line[:_SHOWN_BYTES].decode('utf-8', 'backslashreplace')!r}; "
            f"expected a header such as {','.join(SOURCE_COLUMNS)!r}",
        )
    if missing := [name for name in SOURCE_COLUMNS if name not in names]:
        raise ObjectRefused("missing_column", f"the header lacks {', '.join(missing)}")
    if twice := [name for name in SOURCE_COLUMNS if names.count(name) > 1]:
        raise ObjectRefused("duplicate_column", f"the header names {', '.join(twice)} twice")
    extra = [name for name in names if name not in SOURCE_COLUMNS]
    warnings = (f"columns that are not read: {', '.join(map(repr, extra))}",) if extra else ()
    return ObjectHeader(names, tuple(names.index(name) for name in SOURCE_COLUMNS), warnings)


def _text(line: bytes) -> str:
    """The header as text, without a byte order mark."""
    if line.startswith(_UTF16_BOMS):
        raise ObjectRefused("not_utf8", "the object begins with a UTF-16 mark; write it as UTF-8")
    if b"\0" in line:
        raise ObjectRefused("not_utf8", "line 1 holds NUL bytes: UTF-16 or binary, not UTF-8 text")
    try:
        return line.removeprefix(_UTF8_BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        detail = f"line 1 is not UTF-8: byte 0x{line[error.start]:02x} at byte {error.start + 1}"
        raise ObjectRefused("not_utf8", detail) from None


def _names(text: str) -> tuple[str, ...]:
    """Column names, trimmed of spaces and quotes, in lower case."""
    fields = split_fields(text) or []
    return tuple(field.strip().strip('"').strip().lower() for field in fields)
