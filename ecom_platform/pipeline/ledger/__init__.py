"""The row ledger's steps: counting what became of every line, and publishing the count.

Belongs here: inputs, counting, equations, publishing. Not here: how rows are counted.
"""
