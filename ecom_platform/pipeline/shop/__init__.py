"""The steps of the shop's tables: DMS's objects become changes, changes become rows.

Belongs here: ingesting, folding and counting, in this order. Not here: events that come as files.
"""
