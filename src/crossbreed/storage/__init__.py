"""What lies on disk: whole files, arrays, records of how results were made."""
