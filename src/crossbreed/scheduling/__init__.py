"""What the study asks of Snakemake; parts of it that are not its interface are used here alone."""
