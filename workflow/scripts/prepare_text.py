"""Turn a text into numbers, one per character, and split it."""

import json
from pathlib import Path

from crossbreed.config.base import Config, Fraction
from crossbreed.data.characters import encode, split, vocabulary
from crossbreed.errors import CrossbreedError
from crossbreed.job import run_job
from crossbreed.language.text import Text, save_text


class PrepareText(Config):
    """Turn a text into numbers, one per character, and split it."""

    text: Path
    origins: Path
    """Which edition the text is and where it came from (JSON)."""
    train_share: Fraction
    """Share of the characters, from the beginning, to train on."""
    target: Path
    """File to write (safetensors)."""


def prepare_text(settings: PrepareText) -> None:
    """Write the text's two parts into the file `target`."""
    origin = json.loads(settings.origins.read_text(encoding="utf-8"))
    try:
        # Not as text, which would change the ends of lines.
        whole = settings.text.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise CrossbreedError(f"{settings.text} is not text in UTF-8") from error
    characters = vocabulary(whole)
    train, validation = split(encode(whole, characters), settings.train_share)
    text = Text(train, validation, characters, origin["edition"], origin["title"])
    save_text(settings.target, text, origin)


if __name__ == "__main__":
    run_job(PrepareText, prepare_text)
