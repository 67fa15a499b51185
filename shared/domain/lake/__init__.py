"""The rows of the lake, which reports are computed from: what each column means, and what a row says.

It holds no address, no name, no trait; a person is a keyed digest. It may import the rest of the domain.
"""
