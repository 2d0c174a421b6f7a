"""Transforms: rows into other rows, pure, alike on every engine.

Belongs here: functions of DataFrames. Not here: Dagster, clouds, clocks, environment, files.
"""
