"""S3: how an object store is reached, on AWS or anywhere that speaks its protocol.

Belongs here: clients, ranges, faults, a server for one machine. Not here: what objects mean.
"""
