"""Answers operators: every question and order that comes with the admin key, one file per resource.

Only benchmarks and tests import it; it imports ``shared`` alone.
"""
