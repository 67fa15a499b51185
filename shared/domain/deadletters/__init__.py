"""Dead letters: what a message that nobody could work on is about, and how its work is done again.

``functions/admin`` reads letters and hands out the repairs; segment and schedule carry the repairs out.
"""
