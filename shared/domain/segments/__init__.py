"""Segments: their definition, how a rule is evaluated, described and explained, and the memberships that follow.

Any package may import it.
"""
