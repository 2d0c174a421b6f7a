"""Checks: the truth about stored tables, shown date by date.

Belongs here: what is checked of which table, and when a number is too large. Not here: counting.
"""
