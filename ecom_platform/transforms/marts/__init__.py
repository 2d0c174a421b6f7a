"""From the model to the marts.

Belongs here: the rows of marts. Not here: columns' meanings, files, which dates are rebuilt.
"""
