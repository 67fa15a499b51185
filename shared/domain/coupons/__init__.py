"""Coupons: how codes are made, which checks a definition passes, and who was given a code.

Any package may import it.
"""
