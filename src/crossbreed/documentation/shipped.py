"""The values that the shipped files give to keys, and where they stand."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from crossbreed.config.base import ConfigError
from crossbreed.config.compose import GROUPS, compose_study

NOTHING = object()


class Shipped:
    """A folder of configuration files, composed with each choice that it offers.

    Parameters
    ----------
    folder
        The folder `config/`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        written = yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))
        # Beside these stands `_self_`, which is no group.
        self.chosen: dict[str, str] = {
            group: file
            for one in written["defaults"]
            if isinstance(one, Mapping)
            for group, file in one.items()
        }
        made: dict[tuple[str, ...], Any] = {}
        self._default = compose_study(folder, {}, made).model_dump(mode="json")
        self._others: dict[str, dict[str, Any]] = {}
        for group in GROUPS:
            for file in self.others(group):
                # A data set may be smaller than the default preset wants.
                with suppress(*([ConfigError] if group == "dataset" else [])):
                    name = file if group == "preset" else f"{group}={file}"
                    composed = compose_study(folder, {group: file}, made)
                    self._others[name] = composed.model_dump(mode="json")

    def others(self, group: str) -> list[str]:
        """Return the names of a group's files besides the one that is taken by default."""
        names = (path.stem for path in sorted((self._folder / group).glob("*.yaml")))
        return [name for name in names if name != self.chosen.get(group)]

    def is_shelf(self, key: str) -> bool:
        """Tell whether a key has a folder of which every file is known by its name."""
        return key not in GROUPS and (self._folder / key).is_dir()

    def home(self, key: str, choice: str = "") -> str:
        """Return the file that holds a key's values.

        Parameters
        ----------
        key
            Of the first level.
        choice
            The preset, or `<group>=<file>`, whose values they are; empty: the default.
        """
        group, _, file = choice.rpartition("=")
        if choice:
            return f"config/{group or 'preset'}/{file}.yaml"
        if self.is_shelf(key):
            return f"config/{key}/<name>.yaml"
        chosen = self.chosen.get(key)
        return f"config/{key}/{chosen}.yaml" if chosen else "config/config.yaml"

    def default(self, path: str) -> object:
        """Return a key's default, or NOTHING."""
        return _at(self._default, path)

    def differing(self, path: str) -> dict[str, object]:
        """Return a key's values under the choices that give it another one than the default."""
        default = self.default(path)
        found = {choice: _at(tree, path) for choice, tree in self._others.items()}
        return {choice: value for choice, value in found.items() if value not in (NOTHING, default)}


def _at(tree: Any, path: str) -> object:
    for key in path.split("."):
        if not isinstance(tree, Mapping) or key not in tree:
            return NOTHING
        tree = tree[key]
    return tree
