"""Migrations of the shop's schema, kept by Alembic.

Belongs here: env.py, and one module a migration in versions/. Not here: running them (migrate.py).
"""
