"""How a shop answers its customers: teams with their hours, routing rules, canned answers (docs/service.md).

It may import conversations, definitions.shop and time; it decides about no marketing message.
"""
