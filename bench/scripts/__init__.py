"""The hand-written scripts: what a good engineer would write in an afternoon for one month.

Belongs here: one script an engine, each readable on its own. Not here: measuring memory.
"""
