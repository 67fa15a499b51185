"""A made-up shop as a lake in a folder: reports have something to say without a deployment.

``cli.commands.demo`` and tests import it.
"""
