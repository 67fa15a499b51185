"""The AWS side of Kervan: one CDK application, one stack per stage.

Only its own modules and `tests/infra` import it; the command starts it as a program of its own.
"""
