"""The landing room: objects as they arrived, and the reader that turns their lines into events.

Belongs here: listing, versioning and parsing landing objects. Not here: tables, engines, runs.
"""
