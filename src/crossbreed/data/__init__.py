"""Data sets: fetched from their sources, read, split."""
