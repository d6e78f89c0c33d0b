"""A generation: its individuals and what training them has shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from crossbreed.search.individual import Individual
from crossbreed.search.trial import Trial


@dataclass(frozen=True)
class Generation:
    """Individuals of the same age.

    Parameters
    ----------
    individuals
        In the order of their numbers.
    early
        By number, what was known early of those that were trained.
    finished
        By number, the whole training of those that were trained to the end.
    early_seconds
        By number, what the early training took.
    vocabulary
        Number of different characters in their text.
    """

    individuals: list[Individual]
    early: Mapping[int, Trial] = field(default_factory=dict)
    finished: Mapping[int, Trial] = field(default_factory=dict)
    early_seconds: Mapping[int, float] = field(default_factory=dict)
    vocabulary: int = 1

    def known(self) -> list[tuple[Trial, float]]:
        """Return the early trials of those trained to the end, each with its final loss."""
        return [
            (self.early[number], trial.final_loss)
            for number, trial in sorted(self.finished.items())
        ]

    def of_sex(self, sex: str) -> list[Individual]:
        """Return the males or the females, in the order of their numbers."""
        return [one for one in self.individuals if one.sex == sex]
