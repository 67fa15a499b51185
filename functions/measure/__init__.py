"""Tells the lake what became of messages, compacts it, and answers reports from it.

Only the command and tests import it.
"""
