"""Drafts of segments out of files, explanations for people, and exports of members.

`cli.commands` and tests import it.
"""
