"""Tests of the generator: what it writes is counted again by code that knows nothing of it.

Belongs here: one module for each of the generator's. Not here: the platform reading its files.
"""
