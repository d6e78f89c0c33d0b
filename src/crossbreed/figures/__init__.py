"""Figures of the crossover study; `style` is shared with those of the gender study."""
