"""How answers look: tables and sentences for people, JSON for programs.

Every other package of the command may import it; it imports none of them.
"""
