"""The command `kervan` and the local stack."""
