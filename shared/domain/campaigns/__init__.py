"""One-off sends to a segment."""
