"""Compose the study from `config/` and what the user gave to Snakemake."""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

import yaml
from hydra import compose, initialize_config_dir
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from pydantic import ValidationError

from crossbreed.config.base import NAME, ConfigError
from crossbreed.config.checks import problems
from crossbreed.config.messages import explain, one_line, shown
from crossbreed.config.overrides import override
from crossbreed.config.schema import Study

GROUPS = (
    "preset",
    "dataset",
    "text",
    "model",
    "trainer",
    "language",
    "gender",
    "space",
    "published",
)
# Groups of which every file is read, for the study to name those it wants.
_DEFINITIONS = ("arm", "mode", "claims")
# Keys inside a group's mapping that name the group's file.
_NAME_KEYS = {"dataset": "name", "text": "name", "model": "name", "trainer": "optimizer"}


def compose_study(
    folder: Path,
    user: Mapping[str, Any],
    made: MutableMapping[tuple[str, ...], Any] | None = None,
) -> Study:
    """Return the study that a configuration folder and a user's changes make.

    Parameters
    ----------
    folder
        The folder `config/`.
    user
        What was given by `snakemake --config` and `--configfile`, as one nested mapping. A group
        (preset, dataset, text, model, trainer and so on) may be given by the name of its file. The
        key `overrides` is a list in Hydra's own syntax.
    made
        What Hydra made of this folder in earlier calls, by its overrides; added to. Hydra takes
        most of the time, and studies that choose the same files get the same from it.

    Raises
    ------
    ConfigError
        If any key or value is not allowed; one line each.
    """
    return check_study(compose_tree(folder, user, {} if made is None else made))


def compose_tree(
    folder: Path, user: Mapping[str, Any], made: MutableMapping[tuple[str, ...], Any]
) -> Any:
    """Return what `compose_study` checks: values under keys, not looked at yet.

    Raises
    ------
    ConfigError
        If Hydra refuses the files or their choice; one line each.
    """
    changes: dict[str, Any] = _with_nulls(user)
    raw = changes.pop("overrides", [])
    if not isinstance(raw, list) or not all(isinstance(item, str) for item in raw):
        raise ConfigError(
            f"overrides = {shown(raw)}: must be a list of strings like trainer.learning_rate=0.01"
        )
    overrides = (*_take_choices(folder, changes), *raw)
    if overrides not in made:
        made[overrides] = _compose_with_hydra(folder, overrides)
    return _merge(made[overrides], changes)


def check_study(tree: Any) -> Study:
    """Validate a resolved configuration that a study is to be run with.

    Raises
    ------
    ConfigError
        If any key or value is not allowed; one line each.
    """
    study = written_study(tree)
    lines = list(problems(study))
    if lines:
        raise ConfigError("\n".join(lines))
    # Without those that the study does not name, so that they change nothing of it.
    return study.model_copy(
        update={
            "arm": {name: study.arm[name] for name in study.arms},
            "mode": {name: study.mode[name] for name in study.gender.modes},
        }
    )


def written_study(tree: Any) -> Study:
    """Validate a configuration that was written with results.

    How its keys fit together is not looked at again: it holds only the arms that its study names,
    while claims may be of others, which are then not judged.

    Raises
    ------
    ConfigError
        If any key is unknown or missing, or its value of another kind; one line each.
    """
    try:
        return Study.model_validate(tree)
    except ValidationError as error:
        raise ConfigError(explain(error.errors(), tree)) from error


def merge_overrides(user: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """Lay a condition's change over what was given to Snakemake, both in the form of `--config`.

    Where one gives a group's file and the other some of its values, both count: who runs a study
    with `trainer=sgd` means it under every condition that says nothing else. Only the values of
    another architecture are left out.
    """
    lower, upper = _by_name_key(user), _by_name_key(change)
    if "name" in upper.get("model", {}):
        lower.pop("model", None)
    merged: dict[str, Any] = _merge(lower, upper)
    return merged


def _by_name_key(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Write `trainer=sgd` as `trainer={optimizer: sgd}`."""
    named = {
        group: {key: changes[group]}
        for group, key in _NAME_KEYS.items()
        if isinstance(changes.get(group), str)
    }
    return {**changes, **named}


def _take_choices(folder: Path, changes: dict[str, Any]) -> list[str]:
    """Take the choice of groups' files out of the user's changes, as Hydra overrides."""
    choices = []
    for group in [group for group in GROUPS if group in changes]:
        name = changes.pop(group)
        if isinstance(name, Mapping):
            values = dict(name)
            changes[group] = values
            if _NAME_KEYS.get(group) not in values:
                continue
            name = values.pop(_NAME_KEYS[group])
        known = sorted(path.stem for path in (folder / group).glob("*.yaml"))
        if name not in known:
            raise ConfigError(f"{group} = {shown(name)}: must be one of {', '.join(known)}")
        choices.append(override(group, name))
    return choices


def _with_nulls(value: Any) -> Any:
    """Read the word null as such, which is text where Snakemake reads it off its command line."""
    if isinstance(value, Mapping):
        return {key: _with_nulls(below) for key, below in value.items()}
    if isinstance(value, list):
        return [_with_nulls(item) for item in value]
    return None if value == "null" else value


def _merge(tree: Any, changes: Any) -> Any:
    """Lay changes over a tree: mappings key by key, anything else as a whole, and as it is."""
    if not (isinstance(tree, Mapping) and isinstance(changes, Mapping)):
        return changes
    return {**tree, **{key: _merge(tree.get(key), value) for key, value in changes.items()}}


def _compose_with_hydra(folder: Path, overrides: tuple[str, ...]) -> Any:
    """Return the configuration that Hydra makes of a folder, with all arms, modes and claims."""
    definitions = [
        # Hydra puts the file `<name>` of a group under the key `<group>.<name>`.
        f"+{group}@{group}.{name}={name}"
        for group in _DEFINITIONS
        for name in _definitions(folder / group)
    ]
    try:
        with initialize_config_dir(str(folder.resolve()), version_base="1.3"):
            composed = compose(
                "config", overrides=[*definitions, *overrides], return_hydra_config=True
            )
        chosen = composed.hydra.runtime.choices
        OmegaConf.set_struct(composed, False)
        del composed.hydra
        _name_after_files(composed, chosen)
        return OmegaConf.to_container(composed, resolve=True)
    # Hydra has exceptions of its own for some mistakes only.
    except (HydraException, OmegaConfBaseException, yaml.YAMLError, ValueError) as error:
        raise ConfigError(one_line(error)) from error


def _name_after_files(composed: DictConfig, chosen: Mapping[str, str]) -> None:
    """Name what decides where results lie after its file, so that a copy has a place of its own."""
    if composed.get("preset"):
        raise ConfigError(
            f"config/preset/{chosen['preset']}.yaml: must begin with the line "
            "'# @package _global_', without which its values go nowhere"
        )
    composed.preset = chosen["preset"]
    for group in ("dataset", "text"):
        name = composed[group].setdefault("name", chosen[group])
        if name != chosen[group]:
            raise ConfigError(
                f"{group}.name = {name!r}: is not the chosen file, {chosen[group]}; a preset "
                f"chooses by defaults: [{{override /{group}: {name}}}]"
            )


def _definitions(folder: Path) -> list[str]:
    names = [path.stem for path in sorted(folder.glob("*.yaml"))]
    for name in names:
        if not re.fullmatch(NAME, name):
            raise ConfigError(f"config/{folder.name}/{name}.yaml: the name must match {NAME}")
    return names
