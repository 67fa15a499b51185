"""The register of consent for commercial messages in Turkey (IYS): what has to be told to it, in which form, by when.

Imports ``consent``, ``identity`` and ``time`` of the domain. Rules: https://dev.iys.org.tr/ ; docs/iys.md.
"""
