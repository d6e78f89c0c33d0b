"""Claims of the sources, set beside what was measured, each with the verdict of a declared rule."""
