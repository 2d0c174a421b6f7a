"""ecom_platform: from landing files of shop events to audited, published tables.

Belongs here: nothing but this sign. Importing the package starts nothing and reads nothing.
"""
