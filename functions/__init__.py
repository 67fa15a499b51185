"""The Lambda functions, one package each: a file per trigger, and the services behind it.

No function imports another; benchmarks, tests and the command's dry run import all of them.
"""
