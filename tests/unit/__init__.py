"""Tests of pure code and of functions on tables in memory: no network, no clock, no other process.

Folders mirror the packages that they cover; nothing imports it but its own modules.
"""
