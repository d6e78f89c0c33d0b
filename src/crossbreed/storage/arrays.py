"""Named arrays with a description in one file, every byte of it verified when it is read.

The file is a safetensors file: arrays and text, nothing that reading executes. That format has no
checksum of its own, so the description carries one of every array, and one of itself.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from crossbreed.errors import CrossbreedError
from crossbreed.storage.files import whole_file

Arrays = Mapping[str, NDArray[Any]]
# One metadata key: safetensors writes several in no fixed order, which would change the bytes.
_KEY = "crossbreed"
_MEND = "delete it and run again"


def save_arrays(path: Path, kind: str, arrays: Arrays, description: Mapping[str, Any]) -> None:
    """Write arrays whole; the same content gives the same bytes.

    Parameters
    ----------
    path
        The file.
    kind
        What the file is, with the version of its layout: "crossbreed population 2".
    arrays
        Any shapes and dtypes that safetensors knows.
    description
        What JSON can hold.

    Raises
    ------
    CrossbreedError
        If the file cannot be written.
    """
    # The file takes an array's memory as it lies, whatever the order of its axes there.
    ordered = {name: np.asarray(arrays[name], order="C") for name in sorted(arrays)}
    content = _described(kind, ordered, description)
    content["content_sha256"] = _digest(content)
    # Made in memory, since an error of the disk has a name in Python only.
    data = save(ordered, {_KEY: json.dumps(content, sort_keys=True)})
    with whole_file(path) as temporary:
        temporary.write_bytes(data)


def load_arrays(
    path: Path, kind: str, names: Collection[str] | None = None
) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Read arrays, in the order of their names, and the description; verify what is read.

    Parameters
    ----------
    path
        The file.
    kind
        What it must be.
    names
        Arrays to read; None: all.

    Raises
    ------
    CrossbreedError
        If the file is missing, damaged or of another kind or version.
    """
    try:
        with safe_open(path, framework="numpy") as stored:
            content = _content(path, stored.metadata(), kind)
            known = content["sha256"]
            if set(stored.keys()) != set(known):
                raise CrossbreedError(f"{path} is damaged (its list of arrays); {_MEND}")
            arrays = {}
            for name in sorted(known if names is None else names):
                arrays[name] = stored.get_tensor(name)
                if _sha256(arrays[name]) != known[name]:
                    raise CrossbreedError(f"{path} is damaged (array {name}); {_MEND}")
            return arrays, content["description"]
    except FileNotFoundError as error:
        raise CrossbreedError(f"{path} does not exist") from error
    except OSError as error:
        raise CrossbreedError(f"{path} cannot be read: {error.strerror or error}") from error
    except (SafetensorError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CrossbreedError(f"{path} is damaged ({error}); {_MEND}") from error


def digest(arrays: Arrays, description: Mapping[str, Any]) -> str:
    """Return a SHA-256 of arrays and what is said of them, wherever they came from."""
    return _digest(_described("", arrays, description))


def _described(kind: str, arrays: Arrays, description: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "kind": kind,
        "description": dict(description),
        "sha256": {name: _sha256(arrays[name]) for name in sorted(arrays)},
    }


def _content(path: Path, metadata: Mapping[str, str] | None, kind: str) -> dict[str, Any]:
    written = (metadata or {}).get(_KEY)
    if written is None:
        raise CrossbreedError(f"{path} was not written by crossbreed; {_MEND}")
    content: dict[str, Any] = json.loads(written)
    claimed = content.pop("content_sha256")
    if _digest(content) != claimed:
        raise CrossbreedError(f"{path} is damaged (its description); {_MEND}")
    if content["kind"] != kind:
        raise CrossbreedError(f"{path} is a '{content['kind']}', not a '{kind}'; {_MEND}")
    return content


def _digest(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _sha256(array: NDArray[Any]) -> str:
    digest_ = hashlib.sha256(f"{array.dtype.str} {array.shape} ".encode())
    digest_.update(np.asarray(array, order="C").reshape(-1).view(np.uint8).data)
    return digest_.hexdigest()
