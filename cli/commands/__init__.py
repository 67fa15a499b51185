"""The subcommands of `kervan`, one module per group: each reads its arguments, asks, and prints.

Only `cli.main` imports it.
"""
