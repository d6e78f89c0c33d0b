"""An individual: two genomes, a sex, and where it comes from."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from crossbreed.config.base import Config, Count, Whole
from crossbreed.config.language import Transformer
from crossbreed.search.expression import check


class Parent(Config):
    """Who a parent is: its generation, from 0, and its number there, from 1."""

    generation: Whole
    number: Count


class Individual(Config):
    """An individual of a generation; males show the one genome, females the other."""

    generation: Whole
    """From 0, the founders."""
    number: Count
    """Within the generation, from 1."""
    sex: Literal["male", "female"] = Field(
        default_factory=lambda fields: "male" if fields["number"] % 2 else "female"
    )
    """Which genome it is judged by."""
    parents: tuple[Parent, ...]
    """Father and mother; one parent of a mutant; none of a founder or random individual."""
    architecture: Transformer
    """The genome that a male's fitness is of."""
    predictor: Annotated[str, AfterValidator(check)]
    """The genome that a female's fitness is of."""

    @property
    def mother(self) -> Parent:
        """The second parent of a couple's offspring."""
        return self.parents[1]
