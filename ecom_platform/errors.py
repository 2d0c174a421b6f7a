"""Errors that a person can act on: each names the object or partition and the remedy.

Belongs here: exception types shared by more than one room. Not here: where they are raised.
"""

from __future__ import annotations


class EcomError(Exception):
    """A fault that the user can mend: shown as one clear line, without a stack trace."""


class SettingsError(EcomError):
    """A setting has a value that cannot work; the message names its variable."""


class InputsBehind(EcomError):
    """A table is not rebuilt, because what it is built from is not up to date itself."""


class FilesLost(EcomError):
    """Published files of a table are not there; what would be built without them is refused."""


class PublishConflict(EcomError):
    """Two runs published the same slice at the same time; the second one gave way."""


class CannotRollBack(EcomError):
    """A table cannot be put back to a version: which, why, and what can be done instead."""


class EngineUnavailable(EcomError):
    """The chosen Spark engine cannot start here; the message says what it needs."""


class LakeUnavailable(EcomError):
    """The lake's folder or catalog cannot be opened, read or written."""


class ObjectsRefused(EcomError):
    """Landing objects were refused whole; the others were ingested."""


class OltpUnavailable(EcomError):
    """The shop's database cannot be started or reached; the message never shows a password."""


class OltpFailed(EcomError):
    """The shop's database refused what it was asked; the message says what, and the remedy."""
