"""Reads a folder of definitions: YAML, MJML, templates, schemas, and campaigns as files.

`cli.commands`, `cli.run`, benchmarks and tests import it.
"""
