"""What the gender study shows: tables, effects, evidence, figures."""
