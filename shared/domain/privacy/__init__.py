"""The erasure of a person: its states, its proof, and what of a shared identifier is another person's.

Any package may import it; of the domain it imports ``identity`` only.
"""
