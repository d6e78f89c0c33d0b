"""Architectures stay within the bounds of their genes, whatever is done to them."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossbreed.config.base import ConfigError
from crossbreed.config.compose import compose_study
from crossbreed.config.gender import Search, SearchSpace
from crossbreed.config.language import Transformer
from crossbreed.config.schema import Study
from crossbreed.search.genome import (
    GENES,
    allowed,
    cells,
    cross_architectures,
    draw_architecture,
    mutate_architecture,
    repair,
)
from repository import CONFIG

SPACE = SearchSpace.model_validate(
    {
        "layers": {"low": 1, "high": 6},
        "heads": {"low": 1, "high": 8},
        "width": {"low": 32, "high": 128, "step": 16},
        "dropout": {"low": 0.0, "high": 0.4},
        "learning_rate": {"low": 1e-4, "high": 1e-2},
        "batch_size": [4, 8, 32],
    }
)
SEEDS = st.integers(0, 2**32)


def is_valid(architecture: Transformer) -> bool:
    return (
        1 <= architecture.layers <= 6
        and 1 <= architecture.heads <= 8
        and architecture.width in range(32, 129, 16)
        and architecture.width % architecture.heads == 0
        and 0 <= architecture.dropout <= 0.4
        and 1e-4 <= architecture.learning_rate <= 1e-2
        and architecture.batch_size in (4, 8, 32)
    )


def architecture(**genes: Any) -> Transformer:
    values = {"layers": 2, "heads": 4, "width": 64, "dropout": 0.1, "learning_rate": 0.001}
    return Transformer.model_validate({**values, "batch_size": 8, **genes})


@given(SEEDS, st.integers(0, 100))
def test_drawn_architectures_are_valid_and_the_same_again(seed: int, place: int) -> None:
    drawn = draw_architecture(SPACE, seed, place)
    assert is_valid(drawn)
    assert drawn == draw_architecture(SPACE, seed, place)


def test_every_value_of_every_gene_is_drawn_about_evenly() -> None:
    drawn = [draw_architecture(SPACE, 1, place) for place in range(4000)]
    layers = np.bincount([each.layers for each in drawn])[1:]
    assert (abs(layers - 4000 / 6) < 5 * math.sqrt(4000 / 6)).all()
    # A third of a logarithmic range is a third of the draws.
    low = sum(each.learning_rate < 1e-4 * 100 ** (1 / 3) for each in drawn)
    assert abs(low - 4000 / 3) < 5 * math.sqrt(4000 * 2 / 9)
    assert {each.batch_size for each in drawn} == {4, 8, 32}


@given(SEEDS)
def test_a_child_has_each_gene_from_a_parent(seed: int) -> None:
    father, mother = draw_architecture(SPACE, seed, 1), draw_architecture(SPACE, seed, 2)
    child = cross_architectures(father, mother, SPACE, seed, 3)
    assert is_valid(child)
    for gene in set(GENES) - {"heads"}:
        assert getattr(child, gene) in (getattr(father, gene), getattr(mother, gene))


def test_both_parents_give_genes() -> None:
    father = architecture(layers=1, width=32, heads=1, dropout=0.0, batch_size=4)
    mother = architecture(layers=6, width=128, heads=8, dropout=0.4, batch_size=32)
    children = [cross_architectures(father, mother, SPACE, 1, place) for place in range(400)]
    for gene, of_mother in (("layers", 6), ("width", 128), ("dropout", 0.4), ("batch_size", 32)):
        count = sum(getattr(child, gene) == of_mother for child in children)
        assert 150 < count < 250


@given(SEEDS, st.floats(0, 1))
def test_mutants_are_valid(seed: int, rate: float) -> None:
    parent = draw_architecture(SPACE, seed, 1)
    assert is_valid(mutate_architecture(parent, SPACE, rate, seed, 2))


def test_mutation_changes_genes_at_its_rate_and_by_small_steps() -> None:
    parent = architecture(layers=3, heads=1, width=80, batch_size=8)
    mutants = [mutate_architecture(parent, SPACE, 0.3, 1, place) for place in range(2000)]
    for gene in ("layers", "width", "batch_size", "dropout", "learning_rate"):
        changed = sum(getattr(each, gene) != getattr(parent, gene) for each in mutants)
        assert abs(changed / 2000 - 0.3) < 0.06, gene
    assert {each.layers for each in mutants} == {1, 2, 3, 4, 5}
    assert {each.width for each in mutants} == {48, 64, 80, 96, 112}
    assert {each.batch_size for each in mutants} == {4, 8, 32}


@pytest.mark.parametrize(
    ("heads", "width", "wanted"),
    [(4, 64, 4), (5, 64, 4), (7, 48, 6), (8, 80, 8), (3, 32, 2), (6, 112, 4)],
)
def test_heads_fall_to_a_divisor_of_the_width(heads: int, width: int, wanted: int) -> None:
    assert repair(architecture(heads=heads, width=width).model_dump(), SPACE).heads == wanted


def test_where_no_divisor_is_below_heads_rise() -> None:
    space = SPACE.model_copy(update={"heads": [3, 4, 5, 6, 7, 8]})
    assert repair(architecture(heads=3, width=80).model_dump(), space).heads == 4


def test_genes_outside_their_range_are_brought_to_its_end() -> None:
    genes = {"layers": 99, "heads": 1, "width": 5, "dropout": 0.9, "learning_rate": 1.0}
    mended = repair({**genes, "batch_size": 7}, SPACE)
    assert (mended.layers, mended.width, mended.dropout) == (6, 32, 0.4)
    assert (mended.learning_rate, mended.batch_size) == (1e-2, 8)


@settings(deadline=None, max_examples=40)
@given(st.sets(st.sampled_from(GENES), min_size=1), SEEDS)
def test_genes_that_a_search_names_vary_and_the_others_are_the_default(
    study: Study, names: set[str], seed: int
) -> None:
    newcomers = {"offspring": {"rule": "newcomers"}, "finish": "all"}
    search = Search.model_validate({"genes": sorted(names), **newcomers})
    space, default = study.gender.evolution(search).space, study.gender.baseline
    parents = [draw_architecture(space, seed, place) for place in range(100)]
    children = [
        mutate_architecture(cross_architectures(*couple, space, seed, place), space, 0.9, seed)
        for place, couple in enumerate(itertools.pairwise(parents))
    ]
    for gene in GENES:
        values = {getattr(each, gene) for each in [*parents, *children]}
        of_space = {*allowed(getattr(study.gender.space, gene))}
        assert values == (of_space if gene in names else {getattr(default, gene)})


lists_of_values = st.builds(
    lambda **genes: SearchSpace.model_validate(
        {name: sorted(values) for name, values in genes.items()}
        | {"dropout": [0.0], "learning_rate": [0.001]}
    ),
    layers=st.sets(st.integers(1, 4), min_size=1),
    heads=st.sets(st.integers(2, 4)).map(lambda heads: {1, *heads}),
    width=st.sets(st.sampled_from([4, 6, 8, 12]), min_size=1),
    batch_size=st.sets(st.sampled_from([4, 8, 16]), min_size=1),
)


@settings(deadline=None, max_examples=60)
@given(lists_of_values, SEEDS)
def test_cells_are_all_architectures_once_and_no_search_leaves_them(
    space: SearchSpace, seed: int
) -> None:
    every = cells(space)
    # Heads that do not divide the width are repaired to some that do, which are there anyway.
    pairs = sum(
        width % heads == 0 for width in allowed(space.width) for heads in allowed(space.heads)
    )
    assert len(every) == pairs * len(allowed(space.layers)) * len(allowed(space.batch_size))
    assert len({*every}) == len(every)
    father, mother = (draw_architecture(space, seed, place) for place in (1, 2))
    child = cross_architectures(father, mother, space, seed, 3)
    assert {father, mother, child, mutate_architecture(child, space, 0.9, seed, 4)} <= {*every}


def test_cells_whose_heads_are_repaired_are_the_same() -> None:
    genes = {"layers": [2], "dropout": [0.0], "learning_rate": [0.001], "batch_size": [4, 8]}
    space = SearchSpace.model_validate(genes | {"heads": [2, 3], "width": [4, 6, 9]})
    got = [(cell.heads, cell.width, cell.batch_size) for cell in cells(space)]
    pairs = [(2, 4), (2, 6), (3, 9), (3, 6)]  # in the order in which they first come up
    assert got == [(heads, width, size) for heads, width in pairs for size in (4, 8)]


def test_genes_that_leave_a_width_without_heads_are_refused_before_any_training() -> None:
    search = {"offspring": {"rule": "newcomers"}, "finish": "all", "genes": ["width"]}
    gender = {
        "space": {"heads": [1, 2], "width": [8, 15]},
        "baseline": {"heads": 2, "width": 8},
        "modes": ["baseline", "wide"],
        "contrasts": [],
        "main": "wide",
    }
    own = {"preset": "ci", "gender": gender, "mode": {"wide": {"label": "wide", "search": search}}}
    wanted = r"^mode\.wide\.search\.genes = \['width'\]: no number of heads divides the width 15"
    with pytest.raises(ConfigError, match=wanted):
        compose_study(CONFIG, own)
    search["genes"] = ["width", "heads"]
    assert compose_study(CONFIG, own).gender.baseline.heads == 2
