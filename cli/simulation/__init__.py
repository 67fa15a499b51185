"""The dry run: production's own functions on tables in memory, with a clock and senders of its own.

`cli.commands` and tests import it.
"""
