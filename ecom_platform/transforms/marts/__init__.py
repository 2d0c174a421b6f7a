"""From the model to the marts.

Belongs here: the rows of marts, one module a subject. Not here: columns' meanings.
"""
