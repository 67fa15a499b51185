"""`kervan import`: files of events, customers and consents into a deployment, through its own HTTP API.

`cli.commands` and tests import it.
"""
