"""The gender study: genomes, fitness, mating, predictors, and what the searches show."""
