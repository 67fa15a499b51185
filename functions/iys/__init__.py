"""Keeps IYS, Turkey's register of consent, and the shop's own statements of consent the same.

Only tests import it; it imports ``shared`` alone.
"""
