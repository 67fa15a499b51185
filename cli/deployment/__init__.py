"""Talks to a deployment, local or real: the admin API, the tracking API, the secret of a stage.

`cli.commands`, the demo and tests import it.
"""
