"""Breeding neural networks while they train: populations, merging, paired statistics."""
