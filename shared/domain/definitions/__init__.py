"""All definitions of a shop, checked together (design 8)."""
