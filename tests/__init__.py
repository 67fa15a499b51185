"""All tests, one folder per tier: `unit`, `contract`, `flow`, `infra` and `e2e`, with what they share in `support`.

Nothing but tests imports it.
"""
