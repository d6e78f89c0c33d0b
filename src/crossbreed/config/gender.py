"""Schema of the gender study: the search space, the modes of the search, its budget."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    model_validator,
)

from crossbreed.config.base import (
    Config,
    Count,
    Distinct,
    Fraction,
    Name,
    Positive,
    Share,
    Text,
    in_words,
)
from crossbreed.config.language import Sampling, Transformer

Probability = Annotated[float, Field(ge=0, le=1)]
CONTRAST = r"^[a-z][a-z0-9_]*( - [a-z][a-z0-9_]*)?$"


class _Range(Config):
    low: float
    """Smallest value."""
    high: float
    """Largest value."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low > self.high:
            raise ValueError("low must be at most high")
        return self


class IntegerGene(_Range):
    """Whole numbers `low`, `low + step`, ... up to `high`."""

    low: Count
    """Smallest value."""
    high: Count
    """Largest value, if the steps from `low` meet it."""
    step: Count = 1
    """Distance between neighbouring values."""


class RealGene(_Range):
    """Numbers from `low` to `high`, evenly."""

    low: Share
    """Smallest value."""
    high: Share
    """Largest value."""


class LogGene(_Range):
    """Numbers from `low` to `high`, evenly on a logarithmic scale."""

    low: Positive
    """Smallest value."""
    high: Positive
    """Largest value."""


def _ascending(values: list[Any]) -> list[Any]:
    if sorted(set(values)) != values:
        raise ValueError("must be in ascending order, none twice")
    return values


def _form(gene: Any) -> str | None:
    """Say which form a gene has, so that a mistake is told of that form alone."""
    if isinstance(gene, list):
        return "list"
    return "range" if isinstance(gene, dict | _Range) else None


_CHOICES = (Field(min_length=1), AfterValidator(_ascending), Tag("list"))
_FORMS = Discriminator(
    _form,
    custom_error_type="gene",
    custom_error_message="must be a range, {low: ..., high: ...}, or a list of values",
)
# What a gene may be: a range, or some values in ascending order.
Counts = Annotated[Annotated[IntegerGene, Tag("range")] | Annotated[list[Count], *_CHOICES], _FORMS]
Shares = Annotated[Annotated[RealGene, Tag("range")] | Annotated[list[Share], *_CHOICES], _FORMS]
Rates = Annotated[Annotated[LogGene, Tag("range")] | Annotated[list[Positive], *_CHOICES], _FORMS]


class SearchSpace(Config):
    """What each gene of an architecture may be: a range, or a list of values."""

    layers: Counts
    """Layers of the transformer."""
    heads: Counts
    """Attention heads of a layer; must divide the width; `docs/how-to/mode.md` tells the
    repair."""
    width: Counts
    """Numbers that stand for a character between layers."""
    dropout: Shares
    """Probability of dropout."""
    learning_rate: Rates
    """Highest learning rate, reached after the warm-up."""
    batch_size: Counts
    """Blocks of text per iteration."""


class PredictorSpace(Config):
    """What the expression tree of a predictor may be."""

    founders_depth: Count
    """Largest depth of a founder's expression tree; at most `depth`."""
    depth: Annotated[int, Field(ge=1, le=17)]
    """Largest depth of any expression tree."""


class Couples(Config):
    """Each offspring has a father and a mother; both genomes of both are crossed and mutated."""

    rule: Literal["couples"]
    """How the next generation comes about."""
    fathers: Literal["fastest", "random"]
    """Males that learn fastest, or any males."""
    mothers: Literal["best_predictors", "random"]
    """Females whose predictions rank best, or any females."""


class Mutants(Config):
    """Each offspring is a mutant of a tournament's winner (regularised evolution).

    Real, Aggarwal, Huang and Le 2019, arXiv:1802.01548.
    """

    rule: Literal["mutants"]
    """How the next generation comes about."""
    tournament: Count
    """Individuals drawn for a tournament; at most `window`."""
    window: Count
    """How many of the youngest individuals may be drawn; older ones have died."""


class Newcomers(Config):
    """Each offspring is drawn afresh from the search space (random search)."""

    rule: Literal["newcomers"]
    """How the next generation comes about."""


OffspringRule = Annotated[Couples | Mutants | Newcomers, Field(discriminator="rule")]
# Ways to predict a final loss from an early learning curve, besides an evolved one.
Predictor = Literal[
    "random",
    "parameters",
    "last_loss",
    "summed_loss",
    "recent_loss",
    "power_law",
    "ridge",
    "boosting",
]
Finish = Literal["all", "mother", Predictor]


GeneName = Literal["layers", "heads", "width", "dropout", "learning_rate", "batch_size"]


class Search(Config):
    """How generations follow each other."""

    genes: Annotated[list[GeneName], Field(min_length=1), Distinct] | None = None
    """Genes that vary, the others being those of `gender.baseline`; null: all."""

    offspring: OffspringRule
    """Who breeds, and what comes of it."""
    finish: Finish
    """Who is trained to the end: those of whom their mother's, or another, predictor predicts the
    lowest loss; or all, of as many individuals as the same budget pays for."""

    @model_validator(mode="after")
    def _mothers_predict(self) -> Self:
        if self.finish == "mother" and not isinstance(self.offspring, Couples):
            raise ValueError("finish = mother: needs offspring of the rule couples")
        return self


class Mode(Config):
    """A way to find an architecture; no search: the default architecture."""

    label: Text
    """What tables and figures call the mode."""
    search: Search | None
    """How it searches; null: not at all, it is the default architecture `gender.baseline`."""


class Evolution(Config):
    """What decides who breeds, with whom, and what comes of it."""

    individuals: Annotated[int, Field(ge=2, le=9_999)]
    """Individuals of a generation, every other one male; a multiple of twice `fathers` times
    `mothers`."""
    early: Fraction
    """Share of the training after which all individuals are evaluated."""
    finished: Count
    """Individuals of a generation that are trained to the end (of the founders: all)."""
    fathers: Count
    """Males of a generation that breed."""
    mothers: Count
    """Females of a generation that breed."""
    mutation: Probability
    """Probability that a gene, or a predictor, mutates."""
    speed_per: Literal["token", "iteration", "flop", "second"]
    """What a male's learning is counted by; by the second, results vary from run to run."""
    judge_on: Literal["unseen", "archive"]
    """Whom a female's predictions are evaluated on: those of her own generation on whom no ancestor
    of hers was selected, or all so far."""
    space: SearchSpace
    """What each gene of an architecture may be; a file of `config/space/`, chosen by `space`."""
    predictor: PredictorSpace
    """What the expression tree of a predictor may be."""


ContrastName = Annotated[
    str,
    StringConstraints(pattern=CONTRAST),
    in_words("name, or two names with ` - ` between them"),
]


class ModeContrast(Config):
    """A sum of modes with weights."""

    name: ContrastName
    """What tables and claims call it."""
    weights: dict[Name, float]
    """The weight of each mode."""


class Table(Config):
    """A table of trained architectures, in which searches look trainings up."""

    seeds: Annotated[int, Field(ge=2, le=99)]
    """Trainings of each architecture, each with a seed of its own: a search sees one of them, its
    winner is measured by the others."""
    cells_per_job: Annotated[int, Field(ge=1, le=999)]
    """Trainings that share a job, whose start takes seconds; 1 where trainings are long."""
    shares: Annotated[list[Annotated[float, Field(gt=0, le=1)]], Field(min_length=1)]
    """Shares of a training after which predictors are compared over the whole table."""
    rows_from: Text | None
    """A table (CSV, also compressed) whose rows are taken where their settings are the same; only
    what it lacks is trained. Null: all are trained."""


class Gender(Evolution):
    """The gender study."""

    seeds: Count
    """Independent repetitions of every search; the unit of the statistics."""
    final_seeds: Count
    """Times that each search's winner is trained anew, with other seeds."""
    generations: Annotated[int, Field(ge=2, le=999)]
    """Generations of a search, the founders included."""
    individuals_per_job: Count
    """Trainings that share a job, whose start takes seconds; 1 where trainings are long."""
    table: Table | None
    """Train every architecture of the space once and let the searches look trainings up, which
    takes seconds; null: each search trains for itself."""
    modes: Annotated[list[Name], Field(min_length=1), Distinct]
    """Modes to run, each defined by `config/mode/<name>.yaml` or under the key `mode`."""
    baseline: Transformer
    """The default architecture."""
    reference: Name
    """The mode that every other is compared with."""
    main: Name
    """The mode whose predictors and genealogy are shown."""
    contrasts: list[ModeContrast]
    """Further comparisons; those that lack a mode are left out."""
    sampling: Sampling
    """How the speed of inference is measured."""

    def evolution(self, search: Search | None = None) -> Evolution:
        """Return what decides who breeds in a search, without the rest."""
        values = self.model_dump(include=set(Evolution.model_fields))
        if search is not None and search.genes is not None:
            for gene, value in self.baseline.model_dump().items():
                if gene not in search.genes:
                    values["space"][gene] = [value]
        return Evolution.model_validate(values)
