"""Evolutionary search for architectures: genomes, mating, predictors."""
