"""The bench: the same job by other means, measured side by side with ecom_platform.

Belongs here: running contenders, measuring, comparing, showing. Not here: anything that the
platform needs.
"""
