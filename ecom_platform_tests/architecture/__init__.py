"""The rules of the architecture as data for test_architecture.py.

Belongs here: nothing but this sign.
"""
