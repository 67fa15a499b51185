"""The dry run: production's own functions on tables in memory, with a clock and senders of its own.

It composes several functions, so it stands beside them: ``cli.commands`` runs it over a file or a stage's history, and
``on_queue`` is the Lambda function behind the console's dry runs. No function imports it.
"""
