"""Statements of consent, the one rule by which they are read, suppressed addresses, and tokens to unsubscribe.

Any package may import it; it knows events and identifiers only.
"""
