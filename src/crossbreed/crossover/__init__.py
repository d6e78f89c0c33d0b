"""The crossover study: its plan, its jobs, its conditions."""
