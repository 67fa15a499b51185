"""The stack on a laptop: the AWS emulator, what is deployed to it, and its clock."""
