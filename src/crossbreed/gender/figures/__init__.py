"""The drawings of the gender study."""
