"""Keeps lists at advertising platforms the same as segments, for people who agreed to it (docs/audiences.md).

Only tests import it; it imports ``shared`` alone.
"""
