"""Searches on a table of trainings: preset `ci` on Shakespeare, changed, extended."""

from __future__ import annotations

import gzip
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crossbreed.config.compose import compose_study
from crossbreed.config.language import Transformer
from crossbreed.gender.plan import GenderPlan
from crossbreed.search.files import load_generation
from crossbreed.search.layout import GenerationFiles
from job_command import run
from repository import CONFIG, REPOSITORY
from study_folder import StudyFolder

REFERENCE = REPOSITORY / "results" / "reference" / "laptop" / "gender"
MODES = ("male", "female", "combined", "random_mating", "random_search", "regularized_evolution")
GENES = list(Transformer.model_fields)
REPORTING = {"tabulate_modes": 1, "plot_gender": 1}
SEARCHING = {"replay": 1, "evaluate_table": 1, **REPORTING}
# Two jobs for each of two seeds.
TRAINING = {"train_cells": 4, "gather_table": 1, **SEARCHING}


@pytest.fixture(scope="module")
def gender(ci_study: StudyFolder) -> Path:
    return ci_study.results / "gender"


@pytest.fixture(scope="module")
def table(gender: Path) -> pd.DataFrame:
    return pd.read_csv(gender / "table.csv.gz")


@pytest.fixture(scope="module")
def individuals(gender: Path) -> pd.DataFrame:
    return pd.read_csv(gender / "individuals.csv")


def test_leaves_the_promised_files(
    ci_study: StudyFolder, gender: Path, individuals: pd.DataFrame
) -> None:
    # 4 founders; 4 offspring, or the 2.5 full trainings that their budget pays for.
    assert individuals.groupby("mode").size().to_dict() == {
        "founders": 4,
        **dict.fromkeys(MODES[:4], 4),
        **dict.fromkeys(MODES[4:], 2),
    }
    finished = individuals.dropna(subset=["final_loss"])
    assert finished.groupby("mode").size().to_dict() == {"founders": 4, **dict.fromkeys(MODES, 2)}
    finals = pd.read_csv(gender / "finals.csv")
    assert sorted(finals["mode"]) == sorted(["baseline", *MODES])
    assert (gender / "summary.txt").stat().st_size > 100
    assert len(list(gender.glob("*.svg"))) == 7
    logs = [path.parts for path in ci_study.results.glob("logs/**/*.log")]
    # 4 times train_cells; prepare_text, gather_table, replay, evaluate_table, tabulate_modes,
    # plot_gender; judge_claims, provenance, write_page.
    assert sum("crossover" not in parts for parts in logs) == 13


def test_the_table_holds_every_architecture_once_for_each_seed(table: pd.DataFrame) -> None:
    grid = product((1, 2), (1,), (8, 16), (0.0,), (0.002, 0.004), (4, 8))
    expected = [(seed, *cell) for cell in grid for seed in (1, 2)]
    assert sorted(table[["seed", *GENES]].itertuples(index=False, name=None)) == sorted(expected)
    # 65 characters, guessed evenly at first.
    assert (table["validation_loss_0"] - np.log(65)).abs().max() < 0.2
    assert (table["validation_loss_20"] < table["validation_loss_0"] - 0.2).all()
    assert (table["tokens_per_second"] > 0).all()


def test_nothing_is_kept_of_trainings_but_their_rows(gender: Path) -> None:
    assert sum(path.is_file() for path in (gender / "trained").rglob("*")) == 32


def test_tables_have_the_columns_of_the_published_ones(gender: Path) -> None:
    published = sorted(REFERENCE.glob("*.csv"))
    assert len(published) >= 6
    for path in published:
        header, *rows = (gender / path.name).read_text().splitlines()
        assert header == path.read_text().splitlines()[0]
        assert rows


def test_everything_made_from_the_text_names_its_edition(gender: Path, text_folder: Path) -> None:
    canonical = (text_folder / "tinyshakespeare.txt").is_file()
    title = "tinyshakespeare" if canonical else "Gutenberg edition"
    assert title in (gender / "summary.txt").read_text()
    for name in ("table.csv", "table.csv.gz"):
        assert pd.read_csv(gender / name)["edition"].str.contains(title).all()
    for figure in gender.glob("*.svg"):
        assert title in figure.read_text(), figure


def test_the_search_sees_one_training_and_the_winner_is_measured_by_the_other(
    gender: Path, table: pd.DataFrame, individuals: pd.DataFrame
) -> None:
    finals = pd.read_csv(gender / "finals.csv").set_index("mode")
    rows = table.set_index(["seed", *GENES]).sort_index()
    for mode in MODES:
        own = individuals[individuals["mode"].isin(["founders", mode])]
        best = own.iloc[int(own["final_loss"].argmin())]
        cell = tuple(best[GENES])
        assert best["final_loss"] == rows.loc[(1, *cell), "best_validation_loss"]
        assert tuple(finals.loc[mode, GENES]) == cell
        for loss in ("train_loss", "validation_loss", "best_validation_loss"):
            assert finals.loc[mode, loss] == rows.loc[(2, *cell), loss]


def test_a_search_that_trains_comes_to_what_it_comes_to_on_the_table(
    ci_study: StudyFolder, tmp_path: Path, individuals: pd.DataFrame
) -> None:
    generation = "results/ci/gender/seed-01/random_search/generation-1"
    live = ci_study.at(tmp_path)
    live.call(
        "gender={table: null, modes: [random_search]}", target=f"{generation}/finished-01.json"
    )
    for mode, folder in (
        ("founders", live.results / "gender/seed-01/founders/generation-0"),
        ("random_search", tmp_path / generation),
    ):
        trained = load_generation(GenerationFiles(folder=folder, trials=["finished-01"]))
        replayed = individuals[individuals["mode"] == mode].set_index("number")
        assert len(trained.finished) == len(replayed)
        for number, trial in trained.finished.items():
            assert trial.architecture.model_dump() == replayed.loc[number, GENES].to_dict()
            assert trial.final_loss == replayed.loc[number, "final_loss"]


def test_without_searches_the_default_architecture_alone_is_measured(
    tmp_path: Path, gender: Path, individuals: pd.DataFrame
) -> None:
    user = {"preset": "ci", "gender": {"modes": ["baseline"]}}
    planned = GenderPlan(compose_study(CONFIG, user)).replay()
    files = {name: tmp_path / f"{name}.csv" for name in ("individuals", "results", "curves")}
    files["table"] = gender / "table.csv.gz"
    done = run(planned.model_copy(update=files))
    assert done.returncode == 0, done.stderr
    founders = individuals[individuals["mode"] == "founders"]
    pd.testing.assert_frame_equal(pd.read_csv(files["individuals"]), founders, check_dtype=False)
    assert pd.read_csv(files["results"])["mode"].tolist() == ["baseline"]


def test_nothing_changed_runs_nothing(ci_study: StudyFolder) -> None:
    assert ci_study.jobs() == {}


@pytest.mark.parametrize(
    ("change", "jobs"),
    [
        ("overrides=[mode.male.label=fathers]", REPORTING),
        ("gender={mutation: 0.5}", SEARCHING),
        ("gender={seeds: 100}", SEARCHING),
        ("gender={generations: 3}", SEARCHING),
        ("gender={modes: [baseline, combined, tuned_default]}", SEARCHING),
        ("gender={table: {shares: [0.5, 1.0]}}", {"evaluate_table": 1, **REPORTING}),
        ("language={points: 40}", TRAINING),
        ("gender={table: {seeds: 3}}", {**TRAINING, "train_cells": 2}),
    ],
    ids=["label", "mutation", "seeds", "generations", "modes", "shares", "training", "more"],
)
def test_a_change_does_again_what_it_decides(
    ci_study: StudyFolder, change: str, jobs: dict[str, int]
) -> None:
    assert ci_study.jobs(change, target="gender") == jobs


def test_a_larger_table_takes_the_rows_of_an_earlier_one(
    tmp_path: Path, text_folder: Path, gender: Path
) -> None:
    larger = StudyFolder(
        tmp_path,
        f"data={{mirror: {text_folder}}}",
        f"gender={{table: {{cells_per_job: 24, rows_from: {gender / 'table.csv.gz'}}}, "
        "space: {width: [8, 16, 24]}}",
        target="results/ci/gender/table.csv.gz",
    )
    # Of single files, no conclusions are printed.
    printed = larger.call()
    assert "Page" not in printed
    assert "Claims" not in printed
    made = larger.results / "gender"
    old, new = (
        gzip.decompress((folder / "table.csv.gz").read_bytes()).splitlines()
        for folder in (gender, made)
    )
    assert {*old} < {*new}
    assert (len(old), len(new)) == (1 + 2 * 16, 1 + 2 * 24)
    # What was trained lies in the store.
    assert len(list((made / "trained").iterdir())) == 2 * 24 - 2 * 16
