"""Brings each requested message to its outcome: asks the gates, renders, calls the provider once, records.

Only benchmarks, tests and the command's dry run import it.
"""
