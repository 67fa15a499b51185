"""Files of other tools: one module per tool says what each column becomes.

Only `cli.importing` and its tests import it.
"""
