"""The rights of a person: erasure, and the copy of everything that is known.

It may import identity, events, consent, facts and profile; it decides about no message.
"""
