"""Resources: what assets, checks and sensors are given to work with.

Belongs here: making resources for Dagster. Not here: what any of them does.
"""
