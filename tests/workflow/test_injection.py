"""No text of the configuration is read as a command, by a shell, Snakemake, Hydra or matplotlib."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from markupsafe import escape

from crossbreed.config.base import ConfigError
from crossbreed.config.compose import check_study, compose_study
from crossbreed.config.messages import dotted
from crossbreed.config.schema import Study
from repository import REPOSITORY
from snakemake_call import snakemake

CONFIG = REPOSITORY / "config"
HOSTILE = (
    "; touch pwned",
    "$(touch pwned)",
    "`touch pwned`",
    "' ; touch pwned ; '",
    '" ; touch pwned ; "',
    "{input}",
    "${seed}",
    "$IFS&&touch${IFS}pwned|",
    "\\'; touch pwned; \\'",
)
ALL = " ".join(HOSTILE)
# An address and the name of a package have no spaces.
ADDRESS = "http://localhost:9/" + ALL.replace(" ", "${IFS}")
# These name a folder, a file, a choice or a digest; all others are words for readers, or a place.
FREE = {
    *("label", "title", "epoch_label", "loss_label", "mirror", "folder"),
    *("question", "statement"),
}
Place = tuple[str | int, ...]


def texts(tree: Any, place: Place = ()) -> Iterator[Place]:
    """Yield the place of every text in a configuration."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from texts(value, (*place, key))
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            yield from texts(value, (*place, index))
    elif isinstance(tree, str):
        yield place


def put(tree: Any, place: Place, text: str) -> Any:
    """Return a copy of a configuration with a text at a place."""
    changed = copy.deepcopy(tree)
    inner = changed
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = text
    return changed


def at(tree: Any, place: Place) -> Any:
    for step in place:
        tree = tree[step]
    return tree


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the working folder, in which all hostile texts name a folder as well."""
    for text in (*HOSTILE, ALL):
        (tmp_path / text).mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("text", [*HOSTILE, ALL])
def test_each_text_is_refused_by_its_key_or_comes_back_unchanged(study: Study, text: str) -> None:
    tree = put(study.model_dump(mode="json"), ("data", "mirror"), ".")
    places = list(texts(tree))
    assert len(places) > 50
    accepted = []
    for place in places:
        try:
            came_back = check_study(put(tree, place, text)).model_dump(mode="json")
        except ConfigError as error:
            (line,) = (one for one in str(error).splitlines() if f"{dotted(place)} = " in one)
            assert line.startswith(f"{dotted(place)} = {text!r}: ")
        else:
            assert at(came_back, place) == text
            accepted.append(place)
    assert {place[-1] for place in accepted} == FREE
    assert accepted == [place for place in places if place[-1] in FREE]
    # All of them once more, on the way that a user's changes take.
    for place in accepted:
        tree = put(tree, place, text)
    assert compose_study(CONFIG, tree).model_dump(mode="json") == tree


@pytest.mark.parametrize(
    ("user", "key"),
    [
        ({"preset": ALL}, "preset"),
        ({"dataset": ALL}, "dataset"),
        ({"dataset": {"name": ALL}}, "dataset.name"),
        ({"model": ALL}, "model"),
        ({"model": {"name": ALL}}, "model.name"),
        ({"trainer": ALL}, "trainer"),
        ({"trainer": {"optimizer": ALL}}, "trainer.optimizer"),
        ({"data": {"mirror": ALL}}, "data.mirror"),
        ({"arms": ["baseline", ALL]}, "arms.1"),
        ({"arm": {ALL: {"label": "a", "events": []}}}, f"arm.{ALL}"),
        ({ALL: 1}, ALL),
        ({"overrides": [ALL]}, "overrides"),
    ],
)
def test_a_choice_or_a_name_is_refused(user: dict[str, Any], key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        compose_study(CONFIG, user)
    (line,) = str(caught.value).splitlines()
    assert line.startswith(f"{key} = ")


def test_the_whole_study_runs_with_hostile_texts(
    folder: Path, mirror: Path, text_folder: Path
) -> None:
    place = folder / ALL
    for file in (*mirror.iterdir(), *text_folder.iterdir()):
        (place / file.name).symlink_to(file)
    arms = ("baseline", "crossover", "mine")
    event = {"at": 0.5, "select": {"rule": "all"}, "merge": {"rule": "mean"}}
    user = {
        "preset": "ci",
        "runs": 1,
        "population": {"size": 2},
        "dataset": {
            "train": 64,
            "validation": 32,
            "test": 32,
            "sources": [
                {"kind": "http", "url": ADDRESS},
                {"kind": "debian", "package": "dataset-fashion-mnist", "folder": ALL},
            ],
        },
        "model": {"hidden_widths": [4]},
        "data": {"mirror": str(place)},
        "arms": list(arms),
        "arm": {
            "baseline": {"label": ALL},
            "crossover": {"label": f"crossover {ALL}"},
            "mine": {"label": f"mine {ALL}", "events": [event]},
        },
        "statistics": {"resamples": 99},
        "figures": {"title": ALL, "epoch_label": ALL, "loss_label": ALL},
        "claims": {
            "poster": {"label": ALL, "question": ALL, "claims": {"lower_loss": {"statement": ALL}}}
        },
        "text": {"editions": {name: {"title": ALL} for name in ("tinyshakespeare", "gutenberg")}},
        "gender": {"modes": ["baseline", "combined"]},
        "mode": {"baseline": {"label": ALL}, "combined": {"label": f"combined {ALL}"}},
    }
    given = folder / "mine.yaml"
    given.write_text(yaml.safe_dump(user))
    finished = snakemake(folder, "--configfile", str(given))
    assert finished.returncode == 0, finished.stdout + finished.stderr
    results = folder / "results" / "ci"
    drawn = (results / "crossover" / "learning_curves.svg").read_text()
    # The title, two labels below the axes, one beside, one in the legend; escaped as XML needs.
    written = ALL.replace("&", "&amp;")
    assert drawn.count(f"<!-- {written} -->") == 5
    for label in (f"crossover {written}", f"mine {written}", f"difference from {written}"):
        assert f"<!-- {label} -->" in drawn
    configured = yaml.safe_load((results / "config.yaml").read_text())
    assert configured["figures"]["title"] == ALL
    assert configured["dataset"]["sources"] == user["dataset"]["sources"]  # type: ignore[index]
    (main, *_) = json.loads((results / "claims.json").read_text())
    assert (main["question"], main["claims"][0]["statement"]) == (ALL, ALL)
    assert escape(ALL) in (results / "index.html").read_text()
    origins = yaml.safe_load((folder / "results/data/fashion_mnist/origins.json").read_text())
    assert {one["source"] for one in origins.values()} == {f"folder {place}"}
    assert not pwned(folder)
    assert not pwned(mirror)
    assert not pwned(REPOSITORY)


def pwned(folder: Path) -> list[str]:
    """Return the files below a folder that a text read as a command would have made."""
    found = []
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in {".venv", ".git"}]
        # Also where a part of the text became a part of the name.
        found += [f"{place}/{name}" for name in names if name.startswith("pwned")]
    return found
