"""The page that tells every key of the configuration: `docs/configuration.md`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml

from crossbreed.config.base import NAME_IN_WORDS
from crossbreed.config.schema import Study
from crossbreed.documentation.keys import Key, Table, tables
from crossbreed.documentation.shipped import NOTHING, Shipped

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
  `trainer`. `[]` stands for each item of a list, `<name>` for a name.
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
_SINGLE = "Single values"
# Longer ones are read better where they are written.
_LONGEST_SHOWN = 120


def write_page(folder: Path) -> str:
    """Return the page as Markdown.

    Parameters
    ----------
    folder
        The folder `config/`.
    """
    shipped = Shipped(folder)
    sections: dict[str, list[Table]] = {}
    single = []
    for name, found in tables(Study).items():
        if len(found) == 1 and len(found[0].keys) == 1:
            single += found[0].keys
        else:
            sections[name] = found
    parts = [
        _INTRODUCTION.format(preset=shipped.chosen["preset"], name=NAME_IN_WORDS),
        _contents(single, sections),
        f"## {_SINGLE}\n",
        _table(single, shipped),
    ]
    for name, found in sections.items():
        parts += _section(name, found, shipped)
    return "\n".join(parts)


def _contents(single: Iterable[Key], sections: dict[str, list[Table]]) -> str:
    anchor = _SINGLE.lower().replace(" ", "-")
    lines = [f"- [{_SINGLE}](#{anchor}): {', '.join(f'`{key.path}`' for key in single)}"]
    lines += [
        f"- [`{name}`](#{name}): {found[0].keys[0].meaning}" for name, found in sections.items()
    ]
    return "\n".join(["## Contents\n", *lines, ""])


def _section(name: str, found: list[Table], shipped: Shipped) -> Iterator[str]:
    own, *alternatives = found
    head, *keys = own.keys
    meaning = f"{head.meaning} " if head.is_section else ""
    yield f"## `{name}`\n\n{meaning}{_where(name, shipped)}\n"
    yield _table(keys if head.is_section else own.keys, shipped)
    for table in alternatives:
        if table.choice is not None:
            path, key, value = table.choice
            yield f"### `{path}` with `{key}: {value}`\n\n{table.about}\n"
            yield _table(table.keys, shipped)


def _where(name: str, shipped: Shipped) -> str:
    home = shipped.home(name)
    if shipped.is_shelf(name):
        return f"Each is a file, `{home}`, or stands under this key."
    others = (
        f"`{name}={other}` takes `{shipped.home(name, f'{name}={other}')}` instead."
        for other in shipped.others(name)
    )
    return " ".join([f"Values: `{home}`.", *(others if name in shipped.chosen else ())])


def _table(keys: Iterable[Key], shipped: Shipped) -> str:
    rows = [_row(f"`{key.path}`", key.values, _default(key, shipped), key.meaning) for key in keys]
    return "\n".join([_HEAD, *rows, ""])


def _row(*cells: str) -> str:
    # A bar would begin another cell, even inside code.
    return " | ".join(cell.replace("|", r"\|") for cell in cells).join(("| ", " |"))


def _default(key: Key, shipped: Shipped) -> str:
    if "[]" in key.path or "<name>" in key.path:
        return _shown(key.schema["default"]) if "default" in key.schema else ""
    if key.is_section:
        return ""
    first = key.path.partition(".")[0]
    if shipped.is_shelf(first):
        return f"see `{shipped.home(first)}`"
    by_value: dict[str, list[str]] = {}
    # What the preset's own name is under each preset need not be said.
    others = {} if key.path == "preset" else shipped.differing(key.path)
    for choice, value in {"": shipped.default(key.path), **others}.items():
        if value is not NOTHING and value == key.schema.get("const", value):
            text = _shown(value) or f"see `{shipped.home(first, choice)}`"
            by_value.setdefault(text, []).append(choice)
    return "<br>".join(
        f"{', '.join(choices)}: {text}" if choices != [""] else text
        for text, choices in by_value.items()
    )


def _shown(value: object) -> str:
    """Return a value as YAML in one line; nothing if that is long."""
    text = yaml.safe_dump(
        value, default_flow_style=True, sort_keys=False, width=float("inf"), allow_unicode=True
    )
    text = text.removesuffix("...\n").strip()
    return f"`{text}`" if len(text) <= _LONGEST_SHOWN else ""
