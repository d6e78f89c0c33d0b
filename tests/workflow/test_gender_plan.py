"""Which files the gender study's rules read, and how jobs that read many are told of them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from crossbreed.config.compose import compose_study
from crossbreed.gender.plan import GenderPlan
from repository import CONFIG

# The longest argument that Linux takes; a shell is given a whole command as one.
LONGEST = 131_072
OWN = {"genes": ["width"], "offspring": {"rule": "newcomers"}, "finish": "last_loss"}


def plan(mode: dict[str, Any] | None = None, **gender: Any) -> GenderPlan:
    user = {"preset": "ci", "mode": mode or {}, "gender": {"table": None} | gender}
    return GenderPlan(compose_study(CONFIG, user))


def test_all_files_of_searches_and_winners() -> None:
    own = {"own": {"label": "own", "search": OWN}}
    modes = ["baseline", "combined", "random_search", "own"]
    study = plan(own, modes=modes, final_seeds=2, individuals_per_job=3)
    # 4 founders; 4 offspring, of whom 2 are trained to the end; 2 of random search at once.
    expected = {
        f"results/ci/gender/seed-01/{name}"
        for folder, names in {
            "founders/generation-0": ("individuals.yaml", "finished-01", "finished-02"),
            "own/generation-0": ("individuals.yaml", "finished-01", "finished-02"),
            "random_search/generation-1": ("individuals.yaml", "finished-01"),
            **{
                f"{mode}/generation-1": (
                    *("individuals.yaml", "chosen.yaml"),
                    *("early-01", "early-02", "finished-01"),
                )
                for mode in ("combined", "own")
            },
        }.items()
        for stem in names
        for name in (
            [f"{folder}/{stem}"]
            if stem.endswith(".yaml")
            else [f"{folder}/{stem}.json", f"{folder}/{stem}.seconds.json"]
        )
    }
    assert study.searched() == sorted(expected)
    assert study.finals("curve.csv") == [
        f"results/ci/gender/final/{mode}/seed-01-{repeat}/curve.csv"
        for mode in modes
        for repeat in (1, 2)
    ]


@pytest.mark.parametrize(
    ("mode", "generation", "chosen"), [("founders", 0, False), ("own", 0, False), ("own", 1, True)]
)
def test_founders_are_all_trained_to_the_end(mode: str, generation: int, chosen: bool) -> None:
    study = plan({"own": {"label": "own", "search": OWN}}, modes=["own", "combined"])
    wildcards: Any = SimpleNamespace(
        seed="01", mode=mode, generation=str(generation), stage="finished", batch="01"
    )
    assert ("chosen" in study.train_individuals_input(wildcards)) == chosen
    job = study.train_individuals(wildcards)
    assert (job.finish, job.first, job.count) == (True, 0, 2 if chosen else 4)


def test_a_study_without_searches_draws_founders_alone() -> None:
    assert {Path(name).parts[4] for name in plan(modes=["baseline"]).searched()} == {"founders"}


def test_commands_stay_short_with_any_number_of_seeds() -> None:
    def lengths(study: GenderPlan) -> list[int]:
        jobs = (study.gather(), study.evaluate_predictors())
        return [len(" ".join(job.decided())) for job in jobs]

    few, many = lengths(plan(seeds=100)), lengths(plan(seeds=10_000, generations=100))
    for short, long in zip(few, many, strict=True):
        assert long < short + 50 < LONGEST / 50


def test_commands_stay_short_with_the_largest_tables() -> None:
    rates = [round(0.001 + 1e-6 * step, 6) for step in range(1100)] + [0.0123456789012345]
    space = {"learning_rate": rates, "batch_size": [4, 8]}
    table = {"seeds": 9, "cells_per_job": 1, "shares": [1.0], "rows_from": None}
    many = plan(table=table, space=space)
    assert len(many.cell_rows()) == 9 * 1101 * 8
    assert len(" ".join(many.gather_table().decided())) < 200
    wide = plan(table=table | {"cells_per_job": 999}, space=space)
    wildcards: Any = SimpleNamespace(seed="1", batch="1")
    assert len(wide.train_cells(wildcards).cells) == 999
    assert len(" ".join(wide.train_cells(wildcards).decided())) < LONGEST - 10_000
