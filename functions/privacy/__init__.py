"""Erases people from every table, from its queue, and notes the proof.

Only tests import it; it imports ``shared`` alone.
"""
