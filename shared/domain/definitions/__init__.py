"""All definitions of a shop, checked together and numbered as a release (docs/definitions.md).

Any package may import it.
"""
