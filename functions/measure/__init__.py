"""The function that measures: answers reports from the lake.

Nothing imports it but the function's own environment, the command and tests.
"""
