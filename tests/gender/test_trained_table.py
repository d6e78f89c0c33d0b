"""Looking trainings up in a table gives what training would give, to the last digit."""

from __future__ import annotations

import gzip
import logging
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from workflow.scripts.gender.train_cells import train_cells

from crossbreed.config.gender import Evolution
from crossbreed.config.language import Transformer
from crossbreed.errors import CrossbreedError
from crossbreed.search.generation import Generation
from crossbreed.search.individual import Individual
from crossbreed.search.replay import TrainedTable
from crossbreed.search.search import run_search
from crossbreed.search.table import GENES, read_table, row_of, trial_of
from crossbreed.search.table_row import settings_digest
from crossbreed.search.training import training_seed
from crossbreed.search.trial import Trial
from crossbreed.storage.files import write_csv
from language_models import text_of, transformer
from search_problem import SEARCHES, shipped
from trained_tables import (
    CELLS,
    EVOLUTION,
    SEED,
    TABLE_SEEDS,
    TEXT,
    TRAINING,
    cells_job,
    live,
    make_table,
    train_live,
)

SETTINGS = settings_digest(TRAINING, TEXT)
DEFAULT = CELLS[1]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_table(tmp_path_factory.mktemp("table") / "made")


@pytest.fixture(scope="module")
def rows(path: Path) -> pd.DataFrame:
    return read_table(path)


@pytest.fixture(scope="module")
def table(rows: pd.DataFrame) -> TrainedTable:
    return TrainedTable(rows, TRAINING)


def same(first: Trial, again: Trial) -> None:
    """Assert that two trials hold the same, to the last digit."""
    for name in ("architecture", "parameters", "flops_per_token", "block_size", "full_tokens"):
        assert getattr(first, name) == getattr(again, name)
    for name in ("tokens", "train_loss", "validation_loss"):
        arrays = [getattr(trial.curve, name) for trial in (first, again)]
        np.testing.assert_array_equal(*arrays)
        assert arrays[0].dtype == arrays[1].dtype


def test_table_has_a_row_for_each_cell_and_seed(rows: pd.DataFrame, table: TrainedTable) -> None:
    # Two numbers of heads, two widths, three rates, two batch sizes.
    assert len(CELLS) == 24
    assert rows["seed"].value_counts().to_dict() == dict.fromkeys(TABLE_SEEDS, 24)
    assert table.cells == CELLS
    assert table.vocabulary == len(TEXT.characters)
    assert rows.groupby("seed")["training_seed"].first().to_dict() == {
        seed: training_seed(SEED, seed, 0) for seed in TABLE_SEEDS
    }
    assert (rows["diverged"] == (rows["learning_rate"] == 1e9)).all()
    assert rows["best_validation_loss"].isna().tolist() == rows["diverged"].tolist()
    assert (rows["training_seconds"] > 0).all()


@pytest.mark.parametrize("cell", [CELLS[0], CELLS[5], CELLS[-1]], ids=["slow", "diverged", "wide"])
@pytest.mark.parametrize("seed", TABLE_SEEDS)
def test_row_is_the_very_training(
    cell: Transformer, seed: int, rows: pd.DataFrame, table: TrainedTable
) -> None:
    trained = train_live(cell, seed, TRAINING.points)
    number = len(CELLS) * TABLE_SEEDS.index(seed) + CELLS.index(cell)
    row = {str(name): value for name, value in rows.iloc[number].items()}
    same(trial_of(row, TRAINING), trained)
    for share, point in ((0.25, 2), (0.5, 4), (1.0, 8)):
        looked_up = table.trial(cell, seed, share)
        same(looked_up, trained.until(point))
        # By identity, what is computed of a trial is kept.
        assert table.trial(cell, seed, share) is looked_up
        assert table.seconds(cell, seed, share) == share * rows["training_seconds"][number]
    trial, final_loss = table.known(seed, 0.25)[CELLS.index(cell)]
    assert trial is table.trial(cell, seed, 0.25)
    np.testing.assert_equal(final_loss, trained.final_loss)


def test_searches_see_the_seeds_of_the_table_in_turn(table: TrainedTable) -> None:
    assert [table.seed_of(search_seed) for search_seed in range(1, 6)] == [1, 2, 1, 2, 1]


def shown(generation: Generation) -> list[object]:
    """Return all that a search has done and seen, but for the seconds."""
    return [
        generation.individuals,
        generation.foretold_ranks,
        {number: repr(trial.final_loss) for number, trial in generation.finished.items()},
        [
            (number, repr(trial.curve))
            for trials in (generation.early, generation.finished)
            for number, trial in trials.items()
        ],
    ]


@pytest.mark.parametrize("search_seed", TABLE_SEEDS)
def test_a_replay_equals_a_live_search(search_seed: int, table: TrainedTable) -> None:
    trained, looked_up = live(search_seed), table.train(table.seed_of(search_seed))
    finals = set()
    for mode in SEARCHES:
        search, evolution = shipped(mode), EVOLUTION
        if search.genes is not None:
            fixed = {gene: [getattr(DEFAULT, gene)] for gene in {*GENES} - {*search.genes}}
            space = EVOLUTION.space.model_copy(update=fixed)
            evolution = EVOLUTION.model_copy(update={"space": space})
        really, replayed = (
            run_search(search, evolution, 3, train, table.vocabulary, SEED, search_seed)
            for train in (trained, looked_up)
        )
        assert list(map(shown, really)) == list(map(shown, replayed))
        finals |= {trial.final_loss for part in really for trial in part.finished.values()}
    assert len(finals) > 10


def test_an_architecture_outside_the_table_is_not_looked_up(table: TrainedTable) -> None:
    own = Individual(generation=0, number=1, parents=(), architecture=DEFAULT, predictor="width")
    train = table.train(1)
    assert train(own, 1.0).trial.architecture == DEFAULT
    outside = own.model_copy(update={"architecture": transformer(width=12)})
    with pytest.raises(KeyError):
        train(outside, 1.0)
    with pytest.raises(KeyError):
        table.train(3)(own, 1.0)


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.floats(), min_size=1, max_size=8),
    st.integers(0, 2**63 - 1),
    st.from_regex(r"[0-9a-f]{12}", fullmatch=True),
)
def test_numbers_come_back_as_they_were(losses: list[float], seed: int, digest: str) -> None:
    made = dict.fromkeys(GENES, 1) | {"training_seed": seed, "settings": digest}
    written = pd.DataFrame([made | {"code": digest, "loss": loss} for loss in losses])
    with TemporaryDirectory() as folder:
        for name in ("table.csv", "table.csv.gz"):
            write_csv(Path(folder) / name, written)
            got = read_table(Path(folder) / name)
            np.testing.assert_array_equal(got["loss"].to_numpy(np.float64), losses)
            assert {*got["training_seed"]} == {seed}
            assert {*got["settings"], *got["code"]} == {digest}


def test_row_is_that_of_its_training_and_its_settings_alone(rows: pd.DataFrame) -> None:
    for number, row in rows.iterrows():
        cell = CELLS[int(str(number)) % len(CELLS)]
        assert row_of(rows, cell, row["training_seed"], SETTINGS).index.tolist() == [number]
    seed = training_seed(SEED, 1, 0)
    assert row_of(rows, DEFAULT, seed + 1, SETTINGS).empty
    assert row_of(rows, DEFAULT, seed, "0" * 12).empty
    assert row_of(rows, transformer(width=12), seed, SETTINGS).empty
    twice = pd.concat([rows, rows])
    assert len(row_of(twice, DEFAULT, seed, SETTINGS)) == 1


def test_settings_are_the_text_and_all_that_decides_a_training() -> None:
    changes: list[dict[str, Any]] = [{"tokens": 4 * 8 * 9}, {"final_blocks": None}, {"beta_1": 0.8}]
    for change in changes:
        assert settings_digest(TRAINING.model_copy(update=change), TEXT) != SETTINGS
    same_numbers = TRAINING.model_copy(update={"device": "auto", "compile": True})
    assert settings_digest(same_numbers, TEXT) == SETTINGS
    assert settings_digest(TRAINING, text_of("a quick fox, a lazy dog. " * 50)) != SETTINGS


def test_known_rows_are_taken_and_only_others_trained(
    rows: pd.DataFrame, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    less = tmp_path / "less.csv"
    write_csv(less, rows.drop(index=[3]))
    job = cells_job(tmp_path / "again", 1, known=less, cells=CELLS[:5])
    caplog.set_level(logging.INFO)
    train_cells(job)
    trained = [record for record in caplog.records if " training loss " in record.getMessage()]
    assert len(trained) == TRAINING.points
    again, first = read_table(job.rows), rows.iloc[:5]
    assert list(again) == list(first)
    exact = [name for name in rows.columns if "second" not in name]
    pd.testing.assert_frame_equal(again[exact], first[exact], check_exact=True)
    others = [0, 1, 2, 4]
    pd.testing.assert_frame_equal(again.loc[others], first.loc[others], check_exact=True)


def spoilt(path: Path) -> dict[str, bytes]:
    whole = path.read_bytes()
    plain = gzip.decompress(whole)
    half = len(whole) // 2
    return {
        "cut.csv.gz": whole[:half],
        "changed.csv.gz": whole[:half] + bytes(64) + whole[half + 64 :],
        "plain.csv.gz": plain,
        "packed.csv": whole,
        "no.csv.zip": plain,
        "no.csv.xz": plain,
        "no.csv.bz2": plain,
        "empty.csv": b"",
        "ragged.csv": b"layers,heads\n1,2\n1,2,3\n",
        "binary.csv": bytes(range(256)) * 9,
    }


def test_what_is_no_table_is_refused_in_a_line(path: Path, tmp_path: Path) -> None:
    for name, content in spoilt(path).items():
        target = tmp_path / name
        target.write_bytes(content)
        with pytest.raises(CrossbreedError, match=name) as caught:
            read_table(target)
        assert len(str(caught.value).splitlines()) == 1, name
    with pytest.raises(CrossbreedError, match=r"none\.csv does not exist"):
        read_table(tmp_path / "none.csv")
    with pytest.raises(CrossbreedError, match="cannot be read as a table"):
        read_table(tmp_path)


@pytest.mark.parametrize("lacking", ["learning_rate", "training_seed", "settings"])
def test_missing_columns_are_named(lacking: str, rows: pd.DataFrame, tmp_path: Path) -> None:
    write_csv(tmp_path / "table.csv", rows.drop(columns=lacking))
    with pytest.raises(CrossbreedError, match=rf"table\.csv: lacks the columns {lacking}$"):
        read_table(tmp_path / "table.csv")


def test_no_mutation_leads_out_of_the_table(table: TrainedTable) -> None:
    # A mutation rate of 1 tries every neighbour of every gene.
    wild: Evolution = EVOLUTION.model_copy(update={"mutation": 1.0})
    for mode in ("combined", "regularized_evolution"):
        for search_seed in range(1, 9):
            history = run_search(
                shipped(mode), wild, 4, table.train(1), table.vocabulary, SEED, search_seed
            )
            seen = {each.architecture for part in history for each in part.individuals}
            assert seen <= {*CELLS}
