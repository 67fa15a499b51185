"""Audiences for advertising elsewhere: who of a segment is in a list at Meta or Google, and in which form.

Imports ``consent``, ``identity`` and ``privacy`` of the domain. docs/audiences.md.
"""
