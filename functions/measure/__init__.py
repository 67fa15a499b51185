"""Answers reports from the lake, and notes who was erased from it.

Only the command and tests import it.
"""
