"""Schema of the gender study: the search space, the modes of the search, its budget."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from crossbreed.config.base import Config, Count, Fraction, Name, Number, Positive, Text
from crossbreed.config.language import Sampling, Share, Transformer

Probability = Annotated[float, Number, Field(ge=0, le=1)]


class _Range(Config):
    low: float
    high: float

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low > self.high:
            raise ValueError("low must be at most high")
        return self


class IntegerGene(_Range):
    """Whole numbers `low`, `low + step`, ... up to `high`."""

    low: Count
    high: Count
    step: Count = 1


class RealGene(_Range):
    """Numbers from `low` to `high`, evenly."""

    low: Share
    high: Share


class LogGene(_Range):
    """Numbers from `low` to `high`, evenly on a logarithmic scale."""

    low: Positive
    high: Positive


class ChoiceGene(Config):
    """One of some whole numbers, in ascending order."""

    choices: Annotated[list[Count], Field(min_length=1)]

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        if sorted(set(self.choices)) != self.choices:
            raise ValueError("must be in ascending order, none twice")
        return self


class SearchSpace(Config):
    """What each gene of an architecture may be."""

    layers: IntegerGene
    heads: IntegerGene
    width: IntegerGene
    dropout: RealGene
    learning_rate: LogGene
    batch_size: ChoiceGene


class PredictorSpace(Config):
    """What the expression tree of a predictor may be."""

    founders_depth: Count
    """Largest depth of a founder's tree."""
    depth: Annotated[int, Number, Field(ge=1, le=17)]
    """Largest depth of any tree."""


class Couples(Config):
    """Each offspring has a father and a mother; both genomes of both are crossed and mutated."""

    rule: Literal["couples"]
    fathers: Literal["fastest", "random"]
    """Males that learn fastest, or any males."""
    mothers: Literal["best_predictors", "random"]
    """Females whose predictions rank best, or any females."""


class Mutants(Config):
    """Each offspring is a mutant of a tournament's winner (regularised evolution).

    Real, Aggarwal, Huang and Le 2019, arXiv:1802.01548.
    """

    rule: Literal["mutants"]
    tournament: Count
    """Individuals drawn for a tournament."""
    window: Count
    """How many of the youngest individuals may be drawn; older ones have died."""


class Newcomers(Config):
    """Each offspring is drawn afresh from the search space (random search)."""

    rule: Literal["newcomers"]


NextGeneration = Annotated[Couples | Mutants | Newcomers, Field(discriminator="rule")]
# Ways to foretell a final loss from an early learning curve, besides an evolved one.
Predictor = Literal["random", "last_loss", "summed_loss", "power_law", "ridge"]
Finish = Literal["all", "mother", "random", "last_loss", "summed_loss", "power_law", "ridge"]


class Search(Config):
    """How generations follow each other."""

    offspring: NextGeneration
    finish: Finish
    """Who is trained to the end: those whose mother, or another predictor, foretells the lowest
    loss; or all, of as many individuals as the same budget pays for."""

    @model_validator(mode="after")
    def _mothers_foretell(self) -> Self:
        if self.finish == "mother" and not isinstance(self.offspring, Couples):
            raise ValueError("finish = mother: needs offspring of the rule couples")
        return self


class Mode(Config):
    """A way to find an architecture; no search: the default architecture."""

    label: Text
    search: Search | None


class Evolution(Config):
    """What decides who breeds, with whom, and what comes of it."""

    individuals: Annotated[int, Number, Field(ge=2, le=9_999)]
    """Individuals of a generation, every other one male."""
    early: Fraction
    """Share of the training after which fathers and mothers are judged."""
    finished: Count
    """Individuals of a generation that are trained to the end."""
    fathers: Count
    """Males that become fathers."""
    mothers: Count
    """Females that become mothers."""
    mutation: Probability
    """Probability that a gene, or a predictor, mutates."""
    speed_per: Literal["token", "iteration", "flop", "second"]
    """What a male's learning is counted by; by the second, results vary from run to run."""
    judge_on: Literal["unseen", "archive"]
    """Whom a female's predictions are judged on."""
    space: SearchSpace
    predictor: PredictorSpace


class Gender(Evolution):
    """The gender study."""

    seeds: Count
    """Independent repetitions of all searches; the unit of the statistics."""
    final_seeds: Count
    """Times that each winner is trained anew."""
    generations: Annotated[int, Number, Field(ge=2, le=999)]
    """The founders included."""
    individuals_per_job: Count
    modes: Annotated[list[Name], Field(min_length=1)]
    baseline: Transformer
    """The default architecture."""
    sampling: Sampling

    def evolution(self) -> Evolution:
        """Return what decides who breeds, without the rest."""
        return Evolution.model_validate(self.model_dump(include=set(Evolution.model_fields)))
