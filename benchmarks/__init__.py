"""Counts what a deployment costs: requests, capacity units, bytes, processor and import time, as ratios and counts.

It may import everything; only its tests import it.
"""
