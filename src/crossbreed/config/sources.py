"""What tells where files come from: names, digests, addresses."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from crossbreed.config.base import Text, in_words

Digest = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{64}$"),
    in_words("64 hexadecimal digits in lower case"),
]
# With room for the suffixes of unfinished files below a file system's 255.
FileName = Annotated[
    str,
    StringConstraints(max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$"),
    in_words("file name of letters, digits, dots, underscores and hyphens, no sign first"),
]


def _inside(folder: str) -> str:
    path = PurePosixPath(folder)
    if path.is_absolute() or ".." in path.parts:
        raise ValueError("must be a path inside the package, without '..'")
    return folder


Address = Annotated[
    str,
    StringConstraints(max_length=2000, pattern=r"^https?://[^\s/]+\S*$"),
    in_words("address that begins with `http://` or `https://`"),
]
# A folder inside a package.
PathInside = Annotated[Text, AfterValidator(_inside), in_words("relative path without `..`")]
