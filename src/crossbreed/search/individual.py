"""An individual: two genomes, a sex, and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import ValidationError

from crossbreed.config.base import Config, Count, Whole
from crossbreed.config.language import Transformer
from crossbreed.config.messages import explain
from crossbreed.errors import CrossbreedError
from crossbreed.search.expression import check
from crossbreed.storage.files import write_text

Sex = Literal["male", "female"]


class Parent(Config):
    """Who a parent is: its generation, from 0, and its number there, from 1."""

    generation: Whole
    number: Count


@dataclass(frozen=True)
class Individual:
    """One of a generation.

    Parameters
    ----------
    generation
        From 0, the founders.
    number
        Within the generation, from 1. Odd numbers are males, even ones females.
    parents
        Father and mother; one parent of a mutant; none of a founder or newcomer.
    architecture, predictor
        The two genomes. Males show the one, females the other; both are inherited.
    """

    generation: int
    number: int
    parents: tuple[Parent, ...]
    architecture: Transformer
    predictor: str

    @property
    def sex(self) -> Sex:
        """Which genome it is judged by."""
        return "male" if self.number % 2 else "female"

    @property
    def mother(self) -> Parent:
        """The second parent of a couple's offspring."""
        return self.parents[1]


class _Written(Config):
    generation: Whole
    number: Count
    sex: Sex
    parents: list[Parent]
    architecture: Transformer
    predictor: str


def save_individuals(path: Path, individuals: list[Individual]) -> None:
    """Write individuals whole, as YAML that people read and may edit.

    Raises
    ------
    CrossbreedError
        If the file cannot be written.
    """
    write_text(path, yaml.safe_dump([_as_written(one) for one in individuals], sort_keys=False))


def load_individuals(path: Path) -> list[Individual]:
    """Read individuals.

    Raises
    ------
    CrossbreedError
        If the file is missing or not what `save_individuals` writes.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        written = [_Written.model_validate(one) for one in content]
    except FileNotFoundError as error:
        raise CrossbreedError(f"{path} does not exist") from error
    except ValidationError as error:
        raise CrossbreedError(f"{path}: {explain(error.errors(), {})}") from error
    except (OSError, ValueError, TypeError, yaml.YAMLError) as error:
        first = str(error).splitlines()[0]
        raise CrossbreedError(f"{path} is no list of individuals ({first})") from error
    individuals = []
    for one in written:
        try:
            predictor = check(one.predictor)
        except CrossbreedError as error:
            raise CrossbreedError(f"{path}: individual {one.number}: {error}") from error
        individual = Individual(
            one.generation, one.number, tuple(one.parents), one.architecture, predictor
        )
        if individual.sex != one.sex:
            raise CrossbreedError(
                f"{path}: individual {one.number} is {one.sex}; odd numbers are male, even female"
            )
        individuals.append(individual)
    return individuals


def _as_written(one: Individual) -> dict[str, Any]:
    return {
        "generation": one.generation,
        "number": one.number,
        "sex": one.sex,
        "parents": [parent.model_dump() for parent in one.parents],
        "architecture": one.architecture.model_dump(),
        "predictor": one.predictor,
    }
