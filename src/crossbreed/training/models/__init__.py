"""Architectures, in each framework that trains them, and the weights they start from."""
