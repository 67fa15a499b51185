"""Journeys: what starts them, what stops them, and what they send when."""
