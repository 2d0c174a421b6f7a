"""Assets: the tables as Dagster knows them, one module a layer.

Belongs here: partitions of a run, metadata, resources. Not here: how a table is built.
"""
