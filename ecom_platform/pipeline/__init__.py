"""The pipeline: each step as a plain function of a lake, an engine and a clock's reading.

Belongs here: staging, auditing and publishing in their order. Not here: Dagster, rows, files.
"""
