"""The page of every key of the configuration: `docs/configuration.md`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from crossbreed.config.base import NAME_IN_WORDS
from crossbreed.config.compose import GROUPS, compose_tree, written_study
from crossbreed.config.schema import Study
from crossbreed.documentation.words import Schema, allowed, options, values_by_name

_INTRODUCTION = """\
# Every key of the configuration

*Made by `make docs` from the schema in `src/crossbreed/config/` and the files in `config/`: change
those, not this page.*

A study is composed from the files in `config/`; what you give to Snakemake with `--config` or
`--configfile` is laid over them, mappings key by key, lists as a whole
([how to change the study](how-to/sweep.md)).

```
snakemake --cores all --config runs=10 'trainer={{learning_rate: 0.01}}'
snakemake --cores all --config preset=ci trainer=sgd         # files, by their names
snakemake --cores all --configfile mine.yaml                 # a file of the same shape
snakemake --cores all --config 'overrides=["trainer.learning_rate=0.01"]'   # Hydra's syntax
```

- **Keys** are written with dots here: `trainer.learning_rate` is the key `learning_rate` inside
  `trainer`. `[]` stands for each item of a list, `<name>` for a name. Behind a row such as
  `model {{name: dense}}` stand the keys that there are with that choice.
- **Names** are {name}, and no word that YAML
  reads as a value, such as `null` or `yes`.
- **Defaults** are those of the preset `{preset}`. Where another preset, or another file of a group
  such as `trainer=sgd`, gives another value, it is named. Inside lists and below `<name>` there is
  a default only where a key may be left out.
- **What is not on this page** is refused, and so are keys that do not fit each other: before any
  job starts, in one line that names them. `overrides` alone is no part of a study: it is a list
  of keys with their values.
"""
_HEAD = "| key | values | default | meaning |\n| --- | --- | --- | --- |"
# Longer values are read better where they are written.
_LONGEST_SHOWN = 120
_NOTHING = object()


class Key(NamedTuple):
    """A key of the configuration, with its JSON schema without references.

    In its dotted path `[]` stands for an item of a list, `<name>` for a name that the user gives.
    """

    path: str
    schema: Schema
    choice: str = ""
    """What is chosen, `{key: value}`, of a row that begins the keys of an alternative."""


def keys(schema: Schema) -> dict[str, list[Key]]:
    """Return all keys of a schema in its order, by those of the first level."""
    resolved = _without_references(schema, schema.get("$defs", {}))
    return {name: list(_keys(name, below)) for name, below in resolved["properties"].items()}


def _without_references(part: Any, definitions: Schema) -> Any:
    if isinstance(part, list):
        return [_without_references(item, definitions) for item in part]
    if not isinstance(part, Mapping):
        return part
    if "$ref" in part:
        # A field that says the same as its class has no description of its own here.
        part = {**definitions[part["$ref"].rpartition("/")[2]], **part}
    return {
        key: _without_references(item, definitions)
        for key, item in part.items()
        if key not in ("$ref", "$defs")
    }


def _keys(path: str, schema: Schema) -> Iterator[Key]:
    yield Key(path, schema)
    yield from _below(path, schema)


def _below(path: str, schema: Schema) -> Iterator[Key]:
    values = values_by_name(schema)
    if "discriminator" in schema:
        name = schema["discriminator"]["propertyName"]
        for alternative in schema["oneOf"]:
            value = alternative["properties"][name]["const"]
            yield Key(path, alternative, f"{{{name}: {value}}}")
            yield from _below(path, alternative)
    elif "properties" in schema:
        for name, below in schema["properties"].items():
            if "const" not in below:
                yield from _keys(f"{path}.{name}", below)
    elif "items" in schema:
        yield from _below(f"{path}[]", schema["items"])
    elif values is not None:
        yield from _below(f"{path}.<name>", values)
    for option in options(schema):
        yield from _below(path, option)


def write_page(folder: Path) -> str:
    """Return the page as Markdown, from the schema and the folder `config/`."""
    defaults = _Defaults(folder)
    by_first = keys(Study.model_json_schema())
    single = [below[0] for below in by_first.values() if len(below) == 1]
    parts = [_INTRODUCTION.format(preset=defaults.chosen["preset"], name=NAME_IN_WORDS)]
    parts += ["## Single values\n", *_table(single, defaults)]
    for name, below in by_first.items():
        if len(below) > 1:
            home = f"Values: `{defaults.home(name)}`."
            parts += [f"## `{name}`\n\n{home}\n", *_table(below, defaults)]
    return "\n".join(parts)


def _table(rows: Iterable[Key], defaults: _Defaults) -> Iterator[str]:
    yield _HEAD
    for key in rows:
        name, values, default = f"{key.path} {key.choice}".strip(), "", ""
        if not key.choice:
            values, default = allowed(key.schema), defaults.of(key)
        meaning = " ".join(key.schema.get("description", "").split())
        # A bar would begin another cell, even inside code.
        cells = (cell.replace("|", r"\|") for cell in (f"`{name}`", values, default, meaning))
        yield f"| {' | '.join(cells)} |"
    yield ""


class _Defaults:
    """The values that the files of a folder give to keys, with each choice that it offers."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        written = yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))
        # Beside these stands `_self_`, which is no group.
        self.chosen: dict[str, str] = {}
        for group in written["defaults"]:
            self.chosen |= group if isinstance(group, Mapping) else {}
        choices: dict[str, dict[str, str]] = {"": {}} | {
            file.stem if group == "preset" else f"{group}={file.stem}": {group: file.stem}
            for group in GROUPS
            for file in sorted((folder / group).glob("*.yaml"))
            if file.stem != self.chosen.get(group)
        }
        made: dict[tuple[str, ...], Any] = {}
        self._composed: dict[str, Any] = {}
        for choice, changes in choices.items():
            # Not all go with the default preset: a data set may be too small, a space too large.
            study = written_study(compose_tree(folder, changes, made))
            self._composed[choice] = study.model_dump(mode="json")

    def home(self, name: str, choice: str = "") -> str:
        """Return the file that holds the values of a key of the first level under a choice."""
        group, _, file = choice.rpartition("=")
        if choice:
            return f"config/{group or 'preset'}/{file}.yaml"
        if (self._folder / name).is_dir():
            return f"config/{name}/{self.chosen.get(name, '<name>')}.yaml"
        return "config/config.yaml"

    def of(self, key: Key) -> str:
        """Return the default of a key, and where a choice gives another one, that, as text."""
        if "[]" in key.path or "<name>" in key.path:
            return _shown(key.schema["default"]) if "default" in key.schema else ""
        if "properties" in key.schema:
            return ""
        values = {choice: _at(tree, key.path) for choice, tree in self._composed.items()}
        name = key.path.partition(".")[0]
        by_text: dict[str, list[str]] = {}
        for choice, value in values.items():
            # The name of each preset, and which arms, modes and claims it leaves out, is no news.
            named = name == "preset" or self.home(name).endswith("<name>.yaml")
            if value is _NOTHING or (choice and (named or value == values[""])):
                continue
            text = _shown(value) or f"see `{self.home(name, choice)}`"
            by_text.setdefault(text, []).append(choice)
        return "<br>".join(
            f"{', '.join(names)}: {text}".removeprefix(": ") for text, names in by_text.items()
        )


def _at(tree: Any, path: str) -> object:
    for key in path.split("."):
        if not isinstance(tree, Mapping) or key not in tree:
            return _NOTHING
        tree = tree[key]
    return tree


def _shown(value: object) -> str:
    """Return a value as YAML in one line; nothing if that is long."""
    text = yaml.safe_dump(
        value, default_flow_style=True, sort_keys=False, width=float("inf"), allow_unicode=True
    )
    text = text.removesuffix("...\n").strip()
    return f"`{text}`" if len(text) <= _LONGEST_SHOWN else ""
