"""Compose the study from `config/` and what the user gave to Snakemake."""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

import yaml
from hydra import compose, initialize_config_dir
from hydra.errors import HydraException
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from pydantic import ValidationError

from crossbreed.config.base import NAME, ConfigError
from crossbreed.config.checks import problems
from crossbreed.config.messages import explain, one_line, shown, unfit
from crossbreed.config.overrides import override
from crossbreed.config.schema import Study
from crossbreed.config.yaml_files import unreadable

GROUPS = ("preset", "dataset", "text", "model", "trainer", "language", "gender", "published")
# Groups of which every file is known, for the study to name those it wants.
_SHELVES = ("arm", "mode", "claims")
# Keys inside a group's mapping that name the group's file.
_NAMES = {"dataset": "name", "text": "name", "model": "name", "trainer": "optimizer"}


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
        What Hydra made of this folder in earlier calls, by what it was asked for; added to. Hydra
        takes most of the time, and studies that choose the same files get the same from it.

    Raises
    ------
    ConfigError
        If any key or value is not allowed; one line each.
    """
    made = {} if made is None else made
    found = list(unfit(user)) or ([] if made else list(unreadable(folder)))
    if found:
        raise ConfigError("\n".join(found))
    changes = dict(user)
    overrides = _raw_overrides(changes.pop("overrides", []))
    choices = _choices(folder, changes)
    asked = (*choices, *overrides)
    if asked not in made:
        made[asked] = _made_by_hydra(folder, choices, overrides)
    return check_study(merge(made[asked], changes))


def _made_by_hydra(folder: Path, choices: list[str], overrides: list[str]) -> Any:
    shelved = [f"+{chosen}" for shelf in _SHELVES for chosen in _shelved(folder, shelf)]
    try:
        with initialize_config_dir(str(folder.resolve()), version_base="1.3"):
            composed = compose(
                "config",
                overrides=shelved + choices + overrides,
                return_hydra_config=True,
            )
        chosen = composed.hydra.runtime.choices
        OmegaConf.set_struct(composed, False)
        _check_package(folder, chosen.preset)
        for group in ("dataset", "text"):
            name = composed[group].get("name", chosen[group])
            if name != chosen[group]:
                raise ConfigError(
                    f"{group}.name = {name!r}: is not the chosen file, {chosen[group]}; a preset "
                    f"chooses by defaults: [{{override /{group}: {name}}}]"
                )
        # What decides where files lie is named after the file it came from, so that a copied
        # preset or data set cannot write over another's.
        named = {
            "preset": chosen.preset,
            "dataset": {"name": chosen.dataset},
            "text": {"name": chosen.text},
        }
        del composed.hydra
        return merge(OmegaConf.to_container(composed, resolve=True), named)
    # Hydra has exceptions of its own for some mistakes only.
    except (
        *(HydraException, OmegaConfBaseException, yaml.YAMLError),
        *(RecursionError, ValueError),
    ) as error:
        given = f"overrides = {shown(overrides)}: " if overrides else ""
        raise ConfigError(f"{given}{one_line(error)}") from error


def check_study(tree: Any) -> Study:
    """Validate a resolved configuration that a study is to be run with.

    Raises
    ------
    ConfigError
        If any key or value is not allowed; one line each.
    """
    study = written_study(tree)
    found = list(problems(study))
    if found:
        raise ConfigError("\n".join(found))
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


def _check_package(folder: Path, preset: str) -> None:
    """Refuse a preset whose values Hydra would put below the key `preset`, where nothing reads."""
    # A name that is a path is refused by the schema.
    path = folder / "preset" / f"{preset}.yaml"
    text = path.read_text(encoding="utf-8") if re.fullmatch(NAME, preset) else ""
    # Hydra reads it nowhere else.
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    if yaml.safe_load(text) and not re.fullmatch(r"# *@package +_global_", first):
        raise ConfigError(
            f"config/preset/{preset}.yaml: must begin with the line '# @package _global_', without "
            "which its values go nowhere"
        )


def _shelved(folder: Path, shelf: str) -> list[str]:
    """Return Hydra's overrides, less their +, that put each file of a folder under its name."""
    names = [path.stem for path in sorted((folder / shelf).glob("*.yaml"))]
    for name in names:
        if not re.fullmatch(NAME, name):
            raise ConfigError(f"config/{shelf}/{name}.yaml: the name must match {NAME}")
    return [f"{shelf}@{shelf}.{name}={name}" for name in names]


def merge(tree: Any, changes: Any) -> Any:
    """Lay changes over a tree: mappings key by key, anything else as a whole, and as it is."""
    if not (isinstance(tree, Mapping) and isinstance(changes, Mapping)):
        return changes
    return {**tree, **{key: merge(tree.get(key), value) for key, value in changes.items()}}


def lay_over(folder: Path, user: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """Lay a change over what was given to Snakemake, both in the form of `--config`.

    As `merge`, but where one gives a group's file and the other some of its values, both count:
    who runs a study with `trainer=sgd` means it under every condition that says nothing else.

    Parameters
    ----------
    folder
        The folder `config/`.
    user
        What was given to Snakemake.
    change
        What is laid over it.
    """
    laid: dict[str, Any] = merge(user, change)
    chosen = []
    for group in GROUPS:
        below, above = user.get(group), change.get(group)
        known = [path.stem for path in (folder / group).glob("*.yaml")]
        key = _NAMES.get(group, "")
        if below in known and isinstance(above, Mapping) and above.get(key) not in known:
            chosen.append(override(group, below))
        # Another architecture has other values.
        elif isinstance(below, Mapping) and above in known and group != "model":
            laid[group] = {name: value for name, value in below.items() if name != key}
            chosen.append(override(group, above))
    if chosen:
        laid["overrides"] = [*_raw_overrides(laid.get("overrides", [])), *chosen]
    return laid


def _raw_overrides(given: Any) -> list[str]:
    if not isinstance(given, list) or not all(isinstance(item, str) for item in given):
        raise ConfigError(
            f"overrides = {shown(given)}: must be a list of strings like trainer.learning_rate=0.01"
        )
    return given


def _choices(folder: Path, changes: dict[str, Any]) -> list[str]:
    """Take the choice of groups' files out of the user's changes, as Hydra overrides."""
    choices = []
    for group in GROUPS:
        given = changes.get(group)
        known = sorted(path.stem for path in (folder / group).glob("*.yaml"))
        if isinstance(given, Mapping):
            name = given.get(_NAMES.get(group, ""))
            if name in known:
                choices.append(override(group, name))
            elif group in ("dataset", "text") and name is not None:
                raise ConfigError(
                    f"{group}.name = {shown(name)}: must be one of {', '.join(known)}"
                )
        elif group in changes:
            if given not in known:
                raise ConfigError(f"{group} = {shown(given)}: must be one of {', '.join(known)}")
            choices.append(override(group, given))
            del changes[group]
    return choices
