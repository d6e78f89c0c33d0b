"""How a script becomes a job, and what it runs on."""
