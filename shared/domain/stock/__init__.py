"""Stock: how many pieces of a sku lie at a location, and what changes that.

Functions and stores import it; it imports no other package of the domain.
"""
