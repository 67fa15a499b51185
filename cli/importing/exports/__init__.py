"""Files of other tools: one module per tool says what each column becomes. Only `cli.importing` imports it."""
