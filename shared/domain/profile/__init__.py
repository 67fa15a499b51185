"""The profile: the joined facts of a customer in the form that definitions, templates and operators see.

Any package may import it.
"""
