"""The errors that stored data raises if it cannot be read. Errors of the network are others and are tried again."""

POISON = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError, AssertionError, RecursionError)
