"""Tests of pure code and of functions on tables in memory: no network, no clock, no other process.

Folders mirror the packages that they cover; `campaigns`, `coupons`, `docs` and `journeys` cover a subject across
packages. Only tests import it.
"""
