"""The lake: where tables lie, how slices of them are staged, audited and published.

Belongs here: catalog, files, commits and publications. Not here: what rows mean, or when.
"""
