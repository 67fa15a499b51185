"""The stack on a laptop: the AWS emulator, what is deployed to it, and its clock.

The rest of the command and tests import it.
"""
