"""One suite per port, run against the fake and against the real adapter, so that the fake cannot differ.

Nothing imports it but its own modules.
"""
