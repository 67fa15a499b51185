"""All definitions of a shop, checked together (docs/definitions.md)."""
