"""Engines: where Spark sessions are opened, one module an engine, alike to every caller.

Belongs here: starting, configuring and stopping engines. Not here: what is computed on them.
"""
