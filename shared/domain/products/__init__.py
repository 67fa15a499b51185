"""Products of the shop as they are now, and what they cost in the last 90 days.

Any package may import it; it imports no other package of the domain.
"""
