"""Reference results: what a study came to, kept with the code, and one's own compared with it."""
