"""What each check asks, in a sentence for the UI and the docs.

Belongs here: the wording. Not here: the checks.
"""

DESCRIPTIONS = {
    "schema_conforms": "The files have the columns and types of the contract, and no others.",
    "required_columns_not_null": "No row lacks a value that the contract requires.",
    "accepted_values": "Columns with a list of accepted values hold no other.",
    "values_in_range": "No value lies below the minimum or above the maximum of its column.",
    "row_rules": "What columns of a row say of each other agrees.",
    "primary_key_is_unique": (
        "No two rows have the same key; counted exactly, in hourly runs among the rows of an hour."
    ),
    "row_count_reconciles": "The rows that came in are the rows that went somewhere, to the row.",
    "objects_reconcile": "Every landing object has all its rows here, of one version, as recorded.",
    "lines_reconcile": (
        "Every line that was read of an object stands in raw_events or is rejected as malformed."
    ),
    "raw_rows_reconcile": (
        "Every raw row is clean, a duplicate, rejected, or of an hour that is not rebuilt yet; "
        "none is lost, and nothing is published without a raw row."
    ),
    "clean_rows_reconcile": "Every clean event is once in the fact, and no other event is there.",
    "ledger_agrees_with_tables": "The ledger says what a new count of the stored tables gives.",
    "unknown_share_by_category": (
        "At most 5 % of a category's events lack a brand or a category code. Expect this warning "
        "on nearly every date: whole categories of the source never have a code (409 category "
        "ids in the public data set), and small ones seldom a brand. What to do: compare the "
        "numbers with those of the days before. A share that jumps, or many more categories over "
        "the limit, is a fault of the source: ask whoever delivers the files. Unchanged numbers "
        "need nothing; `unknown` stands for what is missing. Judged when the date has ended, or "
        "when the check is executed on its own."
    ),
    "minimum_rows": "A closed date has at least as many rows as a normal day (ECOM_MINIMUM_ROWS).",
    "newest_closed_hour_is_present": "The newest hour of the date that has ended has events.",
    "no_event_type_is_lost": (
        "No event type has fallen below a quarter of its usual share of the week before."
    ),
    "no_orphan_users": (
        "Every user of the date is in dim_users. Judged when the dimension's as-of date has "
        "reached the date, by the run that rebuilds the dimension, and again whenever it changed."
    ),
    "no_orphan_products": (
        "Every product of the date is in dim_products. Judged when the dimension's as-of date has "
        "reached the date, by the run that rebuilds the dimension, and again whenever it changed."
    ),
    "versions_follow_each_other": (
        "Every product has one current version; its versions leave neither gap nor overlap."
    ),
    "one_user_per_session": (
        "Almost no session id belongs to several users. Judged when the date has "
        "ended, or when the check is executed on its own."
    ),
    "cart_before_purchase": (
        "At most half of the products bought in a session had no cart event. Judged when the date "
        "has ended, or when the check is executed on its own."
    ),
    "view_before_cart": (
        "At most half of the products put into a cart were not viewed before. Judged when the date "
        "has ended, or when the check is executed on its own."
    ),
    "agrees_with_the_shop": (
        "The table holds what the shop's database held at a point in its log: rows and a checksum "
        "by date, and the keys of rows that differ. Rows that may be on their way are judged at "
        "the next look, as of the same point; not judged for 20 hours, they fail too. Once a day, "
        "if ECOM_OLTP_URL is set."
    ),
    "duplicates_agree": (
        "The repeated rows that the profile counts are those that clean_events left out."
    ),
}
