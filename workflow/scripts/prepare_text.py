"""Turn a text into numbers, one per character, and split it."""

import json
from pathlib import Path

from crossbreed.config.base import Config, Count, Fraction, Name
from crossbreed.config.sources import Digest
from crossbreed.data.characters import encode, split, vocabulary
from crossbreed.data.digests import verify
from crossbreed.errors import CrossbreedError
from crossbreed.jobs.job import run_job
from crossbreed.language.text import Text, save_text


class PrepareText(Config):
    """Turn a text into numbers, one per character, and split it."""

    text: Path
    origins: Path
    """Which edition the text is and where it came from (JSON)."""
    train_share: Fraction
    """Share of the characters, from the beginning, to train on."""
    block_size: Count
    """Characters that a network reads at once."""
    editions: dict[Name, Digest]
    """The content that the text must have, by the names of the editions that are allowed."""
    target: Path
    """File to write (safetensors)."""


def prepare_text(settings: PrepareText) -> None:
    """Write the text's two parts into the file `target`."""
    origin = json.loads(settings.origins.read_text(encoding="utf-8"))
    edition = origin["edition"]
    if edition not in settings.editions:
        raise CrossbreedError(
            f"{settings.origins} names the edition {edition!r}, text.prefer has only "
            f"{', '.join(settings.editions)}; delete it and run again"
        )
    verify(settings.text, settings.editions[edition])
    try:
        # Not as text, which would change the ends of lines.
        whole = settings.text.read_bytes().decode("utf-8")
        characters = vocabulary(whole)
        train, validation = split(encode(whole, characters), settings.train_share)
        text = Text(train, validation, characters, edition, origin["title"])
        text.check(settings.block_size)
    except UnicodeDecodeError as error:
        raise CrossbreedError(f"{settings.text} is not text in UTF-8") from error
    except CrossbreedError as error:
        raise CrossbreedError(f"{settings.text}: {error}") from error
    save_text(settings.target, text, origin)


if __name__ == "__main__":
    run_job(PrepareText, prepare_text)
