"""Tracing: what became of an object, or of one line of it, looked up in the stored tables.

Belongs here: answers for people, from what is stored. Not here: counting for the row ledger.
"""
