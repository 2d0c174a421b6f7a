"""The command line: the same platform without the UI.

Belongs here: one module a command. Not here: anything that a command only calls.
"""
