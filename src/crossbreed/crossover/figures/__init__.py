"""Drawings of the crossover study."""
