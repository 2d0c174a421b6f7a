"""One module a migration, numbered; one that was published is never changed.

Belongs here: `upgrade` and `downgrade` as SQL. Not here: data.
"""
