"""Mutation testing by mutmut: are the important rules held by tests that can fail? ``make mutate``."""
