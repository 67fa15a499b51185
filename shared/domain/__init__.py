"""The rules as pure functions, one package per noun: no clock, no input and output, no randomness.

Everything may import it; it imports the standard library, pydantic and idna only.
"""
