"""What the crossover study comes to: tables, comparisons, words, statistics of claims."""
