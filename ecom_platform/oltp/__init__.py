"""The shop's own database, for development, and how it lives.

Belongs here: what a shop would run on its side of the landing area. Not here: the platform, which
only reads what lands; in production Aurora PostgreSQL and AWS DMS take the place of this room.
"""
