"""The command `kervan`, the local stack, imports and the dry run.

It may import everything but benchmarks and tests; only benchmarks and tests import it.
"""
