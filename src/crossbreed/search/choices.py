"""Whom of a generation to train to the end, on disk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import yaml
from pydantic import ValidationError

from crossbreed.config.base import Config, Count
from crossbreed.config.gender import Probability
from crossbreed.config.messages import explain
from crossbreed.errors import CrossbreedError
from crossbreed.storage.files import write_text

# The file's name in the folder of its generation.
CHOSEN = "chosen.yaml"


class Chosen(Config):
    """An individual's number, and the rank it was foretold: 0 the best, 1 the worst."""

    number: Count
    foretold_rank: Probability
    chosen: bool


def save_choices(path: Path, choices: Sequence[Chosen]) -> None:
    """Write choices whole, as YAML, in their order.

    Raises
    ------
    CrossbreedError
        If the file cannot be written.
    """
    write_text(path, yaml.safe_dump([one.model_dump() for one in choices], sort_keys=False))


def load_choices(path: Path) -> list[Chosen]:
    """Read choices.

    Raises
    ------
    CrossbreedError
        If the file is missing or not what `save_choices` writes.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        return [Chosen.model_validate(one) for one in content]
    except FileNotFoundError as error:
        raise CrossbreedError(f"{path} does not exist") from error
    except ValidationError as error:
        raise CrossbreedError(f"{path}: {explain(error.errors(), {})}") from error
    except (OSError, ValueError, TypeError, yaml.YAMLError) as error:
        first = str(error).splitlines()[0]
        raise CrossbreedError(f"{path} is no list of choices ({first})") from error
