"""Names and addresses of users are stored as hashes, unless the settings ask for them.

Belongs here: which columns, and the hash. Not here: reading or writing rows.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from ecom_platform.settings import Settings

# By table of the shop. Ids stay: they are what everything joins by.
PROFILE_COLUMNS = {"users": ("name", "email")}
# What columns that come later hold nobody knows yet.
_HIDDEN = {"users": (*PROFILE_COLUMNS["users"], "additional")}


def hide_profiles(rows: pa.Table, shop_table: str, settings: Settings) -> pa.Table:
    """Replace what names a person by a hash: HMAC-SHA-256 under ECOM_PROFILE_KEY, in hexadecimal.

    Equal values have equal hashes, so that a change of a name is still seen.

    Args:
        rows: of the table.
        shop_table: the shop's table.
        settings: the key, and whether to hide anything.
    """
    if settings.plain_profiles:
        return rows
    key = settings.profile_key.get_secret_value() if settings.profile_key else ""
    for name in _HIDDEN.get(shop_table, ()):
        hidden = [
            None if text is None else hmac.new(key.encode(), text.encode(), hashlib.sha256)
            for text in rows[name].to_pylist()
        ]
        column = pa.array([each and each.hexdigest() for each in hidden], pa.string())
        rows = rows.set_column(rows.column_names.index(name), name, column)
    return rows
