"""Configuration files of a user's own, beside the shipped ones."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from crossbreed.config.base import ConfigError
from crossbreed.config.compose import compose_study
from repository import CONFIG


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return Path(shutil.copytree(CONFIG, tmp_path / "config"))


@pytest.mark.parametrize(
    ("group", "original"), [("preset", "laptop"), ("dataset", "fashion_mnist")]
)
def test_a_copied_file_makes_results_of_its_own(config: Path, group: str, original: str) -> None:
    shutil.copy(config / group / f"{original}.yaml", config / group / "mine.yaml")
    study = compose_study(config, {group: "mine"})
    assert {"preset": study.preset, "dataset": study.dataset.name}[group] == "mine"
    # And the study that is written down finds its file again.
    assert compose_study(config, study.model_dump(mode="json")) == study


def test_a_new_file_is_a_new_arm(config: Path) -> None:
    (config / "arm" / "soup.yaml").write_text(
        "label: soup\nevents: [{at: 0.25, select: {rule: all}, merge: {rule: mean}}]\n"
    )
    study = compose_study(config, {"arms": ["baseline", "soup"]})
    assert list(study.arm) == ["baseline", "soup"]


def test_a_name_that_is_no_word_is_refused(config: Path) -> None:
    shutil.copy(config / "arm" / "crossover.yaml", config / "arm" / "my late-arm.yaml")
    with pytest.raises(ConfigError, match=r"arm/my late-arm\.yaml: the name must match"):
        compose_study(config, {})


def test_a_preset_that_takes_the_folder_of_other_results_is_refused(config: Path) -> None:
    shutil.copy(config / "preset" / "ci.yaml", config / "preset" / "data.yaml")
    with pytest.raises(ConfigError, match=r"^preset = 'data': must"):
        compose_study(config, {"preset": "data"})


def test_a_preset_that_goes_nowhere_is_refused(config: Path) -> None:
    mine, line = config / "preset" / "mine.yaml", "# @package _global_\n"
    values = "defaults: [ci]\nruns: 3\n"
    for text in (values, f"# Mine.\n{line}{values}"):
        mine.write_text(text)
        with pytest.raises(ConfigError, match=r"preset/mine\.yaml: must begin with the line"):
            compose_study(config, {"preset": "mine"})
    mine.write_text(f"{line}{values}")
    study = compose_study(config, {"preset": "mine"})
    assert (study.runs, study.epochs) == (3, 2)
    mine.write_text("# Nothing yet.\n")
    assert compose_study(config, {"preset": "mine"}).preset == "mine"


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("arm/mine.yaml", "label: [x\nevents: }", "line 2, column 7"),
        ("preset/ci.yaml", "label:\n\t- x\n", "line 2, column 1"),
        ("config.yaml", "label: a\nlabel: b\n", "duplicate key label"),
    ],
    ids=["bracket", "tab", "twice"],
)
def test_a_file_that_is_no_yaml_is_named_in_one_line(
    config: Path, file: str, content: str, message: str
) -> None:
    (config / file).write_text(content)
    with pytest.raises(ConfigError) as refused:
        compose_study(config, {"preset": "ci"})
    (line,) = str(refused.value).splitlines()
    assert f"config/{file}" in line
    assert message in line


@pytest.mark.parametrize("group", ["dataset", "text"])
def test_a_preset_does_not_choose_data_by_their_name(group: str, config: Path) -> None:
    preset = f"# @package _global_\ndefaults: [ci]\n{group}: {{name: my_own}}\n"
    (config / "preset" / "mine.yaml").write_text(preset)
    with pytest.raises(ConfigError, match=rf"^{group}\.name = 'my_own': is not the chosen file"):
        compose_study(config, {"preset": "mine"})
    chosen = next((config / group).glob("*.yaml"))
    (config / group / "my_own.yaml").write_text(chosen.read_text())
    preset = preset.replace("[ci]", f"[ci, {{override /{group}: my_own}}]")
    (config / "preset" / "mine.yaml").write_text(preset)
    assert getattr(compose_study(config, {"preset": "mine"}), group).name == "my_own"
