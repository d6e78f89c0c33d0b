"""A generation: its individuals and what training them has shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from crossbreed.config.language import Transformer
from crossbreed.search.individual import Individual
from crossbreed.search.trial import Trial

# Early trials, each with its final loss in nats per character.
Known = list[tuple[Trial, float]]


@dataclass(frozen=True)
class Generation:
    """Individuals of the same age, and what is known of them, by their numbers."""

    individuals: list[Individual]
    """In the order of their numbers."""
    early: Mapping[int, Trial]
    """What was known early."""
    finished: Mapping[int, Trial]
    """The whole training of those that were trained to the end."""
    early_seconds: Mapping[int, float]
    """What the early training took."""
    vocabulary: int
    """Number of different characters in their text."""
    seconds: Mapping[int, float] = field(default_factory=dict)
    """What all of the training took, as far as it went."""
    foretold_ranks: Mapping[int, float] = field(default_factory=dict)
    """Which rank each was predicted, 0 the best and 1 the worst, where some were chosen by it."""

    def known(self) -> Known:
        """Return the early trials of those trained to the end, each with its final loss."""
        return [
            (self.early[number], trial.final_loss)
            for number, trial in sorted(self.finished.items())
        ]

    def of_sex(self, sex: str) -> list[Individual]:
        """Return the males or the females, in the order of their numbers."""
        return [individual for individual in self.individuals if individual.sex == sex]


def finished_once(generations: Sequence[Generation]) -> list[tuple[Generation, int]]:
    """Return who was trained to the end, generation and number; identical genomes once."""
    first: dict[Transformer, tuple[Generation, int]] = {}
    for generation in generations:
        for number, trial in sorted(generation.finished.items()):
            first.setdefault(trial.architecture, (generation, number))
    return list(first.values())


def archive(history: Sequence[Generation]) -> Known:
    """Return what a search has trained to the end, identical genomes once."""
    return [
        (generation.early[number], generation.finished[number].final_loss)
        for generation, number in finished_once(history)
    ]
