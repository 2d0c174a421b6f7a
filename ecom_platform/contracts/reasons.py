"""What the reason codes mean: why a line, an event or a whole object is not published.

Belongs here: one sentence a code, in the order in which the rules are tried. Not here: the rules.
"""

from __future__ import annotations

# rejected_events, layer `raw`: a line that is no event.
LINE_REASONS: dict[str, str] = {
    "line_too_long": "The line is longer than ECOM_MAX_LINE_BYTES.",
    "blank_line": "The line is empty or only white space.",
    "nul_byte": "The line holds a NUL byte.",
    "encoding": "The line is not UTF-8.",
    "unclosed_quote": "A quoted field does not end within its line.",
    "field_count": "The line has more or fewer fields than the header.",
    "bad_event_time": "event_time is no time with an offset, or does not exist in the calendar.",
    "date_out_of_range": (
        "event_time lies before ECOM_START_DATE, or more than 24 hours after its object was "
        "written."
    ),
    "bad_product_id": "product_id is no positive whole number of 64 bits.",
    "bad_category_id": "category_id is no positive whole number of 64 bits.",
    "bad_price": "price is no number in plain digits with at most two decimals, DECIMAL(12,2).",
    "bad_user_id": "user_id is no positive whole number of 64 bits.",
}

# rejected_events, layer `clean`: an event that breaks a rule (REJECTION_RULES).
EVENT_REASONS: dict[str, str] = {
    "null_user_session": "The event belongs to no session.",
    "unknown_event_type": "The event has no type, or one that the platform does not know.",
    "price_not_positive": "The price is zero or negative.",
}

# landing_objects: an object of which nothing is published.
REFUSAL_REASONS: dict[str, str] = {
    "empty_object": "The object holds no bytes, not even a header.",
    "corrupt_gzip": "The gzip is cut off, damaged, or has something else behind it.",
    "not_utf8": "Line 1 is not UTF-8: the object is UTF-16 or binary.",
    "no_header": "Line 1 names none of the nine columns.",
    "missing_column": "The object lacks a column of its table.",
    "duplicate_column": "The header names a column of the table twice.",
    "corrupt_parquet": "The object is no Parquet file, or is damaged.",
    "bad_csv": "The lines are no CSV: they have different numbers of fields, or are not UTF-8.",
    "unknown_layout": "The columns have no names, and cannot be told by what they hold.",
    "type_changed": "A column holds values that its type does not allow.",
    "missing_value": "A column that has always a value is null.",
    "unknown_table": "The object is of no table that the platform knows.",
}
