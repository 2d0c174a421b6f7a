"""A stand-in for AWS DMS: a full load, then changes from the log, as files in the format of DMS.

Belongs here: what development and tests need of DMS, under its names. Not here: the reader of these
files (landing/), which must also read what DMS itself writes; DMS's transaction files and LOBs.
"""
