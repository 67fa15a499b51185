"""What happens with a hundred million customers: arithmetic of every limit, and a simulation in virtual time.

Nothing here calls AWS. Costs of an event or a message are those that `make bench` counted (docs/benchmarks.md); limits
are AWS's, and the settings of stage prod. `make scale` writes docs/scale.md.
"""
