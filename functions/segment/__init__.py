"""Folds events into facts, links identifiers, and decides which segments a customer is in and until when.

Only benchmarks, tests and the command's dry run import it.
"""
