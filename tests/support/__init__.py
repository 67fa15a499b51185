"""What several tiers of tests share: generators of events and segments, oracles, and worlds.

Only tests import it; it contains no test.
"""
