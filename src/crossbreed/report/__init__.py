"""What readers get: claims with their verdicts, the page."""
