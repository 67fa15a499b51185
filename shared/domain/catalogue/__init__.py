"""The catalogue: products as they are now, and what they cost in the last 90 days.

Functions, stores and the command import it; it imports no other package of the domain but ``time``.
"""
