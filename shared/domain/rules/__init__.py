"""Small questions that segments and journeys share: numbers within bounds, values that pass a test."""
