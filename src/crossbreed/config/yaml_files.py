"""The files below `config/`, looked at before Hydra reads them.

Hydra ignores a file that is no mapping, and does not say in which file an error is.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml

from crossbreed.config.messages import DEEPEST, one_line, shown

_KEY_TAGS = ("tag:yaml.org,2002:str", "tag:yaml.org,2002:merge")
_LONGEST_SCALAR = 4095


def unreadable(folder: Path) -> Iterator[str]:
    """Yield a line for each file of a folder that Hydra would misread or name unclearly."""
    for path in sorted(folder.rglob("*.yaml")):
        if not path.is_file():
            continue
        name = f"config/{path.relative_to(folder)}"
        try:
            root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
        except UnicodeDecodeError as error:
            yield f"{name}: is not UTF-8 text ({error.reason} at byte {error.start})"
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            place = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
            yield f"{name}{place}: is not YAML ({one_line(error.problem or error)})"
        except yaml.YAMLError as error:
            yield f"{name}: is not YAML ({one_line(error)})"
        except RecursionError:
            yield f"{name}: must not be nested deeper than {DEEPEST}"
        else:
            if root is not None:  # a file of comments only
                yield from _unfit_nodes(name, root)


def _unfit_nodes(name: str, root: yaml.Node) -> Iterator[str]:
    if not isinstance(root, yaml.MappingNode):
        yield f"{name}: must be a mapping of keys to values"
        return
    pending: list[tuple[int, yaml.Node]] = [(1, root)]
    while pending:
        depth, node = pending.pop()
        place = f"{name}, line {node.start_mark.line + 1}"
        if depth > DEEPEST:
            yield f"{place}: must not be nested deeper than {DEEPEST}"
            return
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.tag not in _KEY_TAGS:
                    written = f" {shown(key.value)}" if isinstance(key, yaml.ScalarNode) else ""
                    yield f"{place}: the key{written} must be text"
                pending.append((depth + 1, value))
        elif isinstance(node, yaml.SequenceNode):
            pending += [(depth + 1, item) for item in node.value]
        elif len(node.value) > _LONGEST_SCALAR:
            yield f"{place}: {shown(node.value)} is longer than {_LONGEST_SCALAR} characters"
