"""Begins, advances and stops enrollments of journeys, fires their timers, and walks through campaigns.

Only benchmarks, tests and the command's dry run import it.
"""
