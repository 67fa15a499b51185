"""Answers operators: every question and order that comes with the admin key, one file per resource.

Only the command that writes docs/openapi.json, benchmarks and tests import it; it imports ``shared`` alone.
"""
