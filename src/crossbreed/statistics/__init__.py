"""Statistics of paired runs. The run is the unit; its networks are never replicates."""
