"""Durations, dates, and times of a customer's day over changes of the clock.

Any package may import it.
"""
