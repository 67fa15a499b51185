"""The erasure of a person: its states, its proof, what of a shared identifier is another person's; and the map of what
is stored.

Any package may import it; of the domain it imports ``identity`` only.
"""
