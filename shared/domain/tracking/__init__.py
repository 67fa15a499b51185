"""Segment's HTTP tracking API, read into events: limits, names, times, identifiers, refusals (facts: Segment)."""
