"""Values as text: how numbers, times and nulls of a result are written, alike in every format.

Belongs here: one value to one text. Not here: tables, files, where results come from.
"""

import base64
import datetime as dt
import json
import math
import re
from decimal import Decimal
from typing import Any

_quoted = json.JSONEncoder(ensure_ascii=False).encode

_NEEDS_QUOTES = re.compile('[,"\\r\\n]')

# A landing line may hold anything, also what would drive the terminal.
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if code != 10}


def to_text(value: Any) -> str:
    """A value for a person or a CSV field: exact numbers, ISO times in UTC, nested ones as JSON."""
    match value:
        case str():
            return value
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Decimal():
            return f"{value:f}"  # never 1E+3
        case dt.datetime() if value.tzinfo:
            return value.astimezone(dt.UTC).replace(tzinfo=None).isoformat() + "Z"
        case dt.datetime() | dt.date() | dt.time():
            return value.isoformat()
        case bytes():
            return base64.b64encode(value).decode()
        case list() | tuple() | dict():
            return to_json(value)
        case _:
            return str(value)


def to_json(value: Any) -> str:
    """A value as JSON: numbers are exact whatever their size, decimals keep their places.

    What JSON has no number for (not a number, infinity) and all other types become text.
    """
    match value:
        case str():
            return _quoted(value)
        case bool() | None:
            return "null" if value is None else to_text(value)
        case int():
            return str(value)
        case Decimal() if value.is_finite():
            return to_text(value)
        case float() if math.isfinite(value):
            return repr(value)
        case list() | tuple():
            return "[" + ", ".join(to_json(item) for item in value) + "]"
        case dict():
            members = (f"{_key(key)}: {to_json(item)}" for key, item in value.items())
            return "{" + ", ".join(members) + "}"
        case _:
            return _quoted(to_text(value))


def to_field(value: Any) -> str:
    """A value as a field of a CSV line; null is empty, an empty text is quoted."""
    text = to_text(value)
    if _NEEDS_QUOTES.search(text) or (not text and value is not None):
        return '"' + text.replace('"', '""') + '"'
    return text


def visible(text: str) -> str:
    """A text without the characters that would drive a terminal; line breaks stay."""
    return text.translate(_CONTROLS)


def _key(key: object) -> str:
    return _quoted(to_text(key))
