"""Identifiers, their keys, and the claims that say which identifier belongs to which.

Any package may import it; it imports no other package of the domain.
"""
