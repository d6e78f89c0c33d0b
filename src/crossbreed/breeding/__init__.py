"""Breeding: select parents, merge their weights, make offspring."""
