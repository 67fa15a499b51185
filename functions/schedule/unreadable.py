"""What data that nobody can read looks like; what the network does looks different and is tried again."""

POISON = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError, AssertionError, RecursionError)
