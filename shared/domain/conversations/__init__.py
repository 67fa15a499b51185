"""Conversations: which message belongs where, who answers, and what an answer must have seen (docs/conversations.md).

It may import identity, events and time; it decides about no marketing message.
"""
