"""Journeys: their definition, what starts and stops an enrollment, and which step follows when.

Any package may import it.
"""
