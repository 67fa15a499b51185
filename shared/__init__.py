"""What all functions share, in layers: the rules (`domain`), then ports, stores, queries and adapters.

Functions and the command import it; it imports neither (docs/architecture.md#layers).
"""
