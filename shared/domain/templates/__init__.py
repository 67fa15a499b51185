"""Templates: what a message says, with which values, in which language, and which checks it passes.

Any package may import it; rendering itself is an adapter.
"""
