"""AWS and other services behind the ports, and fakes in memory for tests.

Functions, the command and tests import it; stores and queries do not, they are given a port as an argument.
"""
