"""Tests of the whole local stack, through HTTP and the command.

Nothing imports it but its own modules.
"""
