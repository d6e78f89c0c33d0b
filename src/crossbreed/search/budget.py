"""What a search may spend: the same number of characters, whatever its mode."""

from __future__ import annotations

import math

from crossbreed.config.gender import Evolution, Search


def individuals_per_generation(search: Search, settings: Evolution) -> int:
    """Return how many individuals a generation after the founders has.

    A generation may see as many characters as training `individuals` networks early and
    `finished` of them to the end takes. A search that trains all to the end has as many
    individuals as that pays for, rounded down.
    """
    if search.finish != "all":
        return settings.individuals
    return math.floor(full_trainings(settings) + 1e-9)


def finished_per_generation(search: Search, settings: Evolution) -> int:
    """Return how many individuals of a generation after the founders are trained to the end."""
    if search.finish == "all":
        return individuals_per_generation(search, settings)
    return settings.finished


def full_trainings(settings: Evolution) -> float:
    """Return the budget of a generation after the founders, in full trainings."""
    return settings.individuals * settings.early + settings.finished * (1 - settings.early)
