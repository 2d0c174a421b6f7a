"""Transforms of the shop's tables: changes into rows.

Belongs here: folding changes, counting their fates. Not here: tables of events.
"""
