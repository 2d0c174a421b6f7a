"""Files of AWS DMS: what their names say, and their rows with the order of changes.

Belongs here: from a landing object of DMS to typed rows. Not here: objects of events, tables.
"""
