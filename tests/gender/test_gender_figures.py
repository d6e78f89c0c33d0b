"""Figures show the means and bands that the tables hold, whatever is missing or odd in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray
from scipy import stats

from crossbreed.figures.style import save_figure
from crossbreed.gender.figures import words
from crossbreed.gender.figures.fitness import fitness_figure, predictions_figure
from crossbreed.gender.figures.genealogy import genealogy, genealogy_figure
from crossbreed.gender.figures.losses import loss_figure
from crossbreed.gender.figures.search_cost import search_cost_figure
from gender_tables import finals_table, individuals_table

NAN = np.nan
ODD = {
    "baseline": "costs $5 & <more>",
    "male": r"$\frac{$ x_2",  # no formula that could be drawn
    "female": "_ females %s {0} µ",
    "combined": "both",
}
LOSSES = {"baseline": [4.0, 5.0], "male": [3.0, 4.0], "female": [2.0, 2.5], "combined": [1.0, 2.0]}
TITLE = r"$\lost$ losses" + "\nedition #1 of 'Shakespeare' & others"


def first_seeds(count: int) -> dict[str, list[float]]:
    return {mode: losses[:count] for mode, losses in LOSSES.items()}


def searches(count: int) -> pd.DataFrame:
    found = first_seeds(count)
    return individuals_table({mode: found[mode] for mode in found if mode != "baseline"})


def curves_table(losses: dict[str, list[float]]) -> pd.DataFrame:
    """Return two curves a seed: they fall by 1 a point, from 3 above the seed's loss.

    The two repeats are 0.5 above and below, and see slightly different numbers of characters;
    validation was estimated at every other point. A loss that is NaN is 50 before the last point.
    """
    rows = [
        {
            "mode": mode,
            "seed": seed,
            "repeat": repeat,
            "tokens": 100 * point + repeat,
            "train_loss": loss + 3 - point + repeat - 1.5 if 0 < point < end else NAN,
            "validation_loss": 2 * loss if point % 2 == 0 else NAN,
        }
        for mode, found in losses.items()
        for seed, known in enumerate(found, start=1)
        for loss, end in ([(50.0, 3)] if np.isnan(known) else [(known, 4)])
        for repeat in (1, 2)
        for point in range(4)
    ]
    return pd.DataFrame(rows)


def predictions_table(count: int) -> pd.DataFrame:
    rows = [
        (seed, "combined", name, kind, rank, 1 + rank)
        for seed in range(1, count + 1)
        for name in ("evolved", "last_loss")
        for kind in ("archive", "unselected")
        for rank in (0.0, 0.5, 1.0)
    ]
    columns = ["seed", "mode", "predictor", "architectures", "foretold_rank", "final_loss"]
    return pd.DataFrame(rows, columns=columns)


def losses_drawn(losses: dict[str, list[float]], metric: str = "train_loss") -> Figure:
    tables = curves_table(losses), finals_table(losses)
    return loss_figure(*tables, metric, ODD, 0.9, TITLE, words.TRAINING_AXIS)


def all_figures(count: int) -> dict[str, Figure]:
    losses, individuals = first_seeds(count), searches(count)
    return {
        "training": losses_drawn(losses),
        "validation": losses_drawn(losses, "validation_loss"),
        "cost": search_cost_figure(individuals, finals_table(losses), ODD, 0.9, TITLE),
        "fitness": fitness_figure(individuals, ODD, TITLE),
        "predictions": predictions_figure(
            predictions_table(count), "combined", ("evolved", "last_loss"), TITLE
        ),
        "family": genealogy_figure(genealogy(individuals, "combined", 1), TITLE),
    }


def legend(figure: Figure) -> list[str]:
    (found,) = figure.legends
    return [text.get_text() for text in found.get_texts()]


def line(axes: Axes, label: str) -> NDArray[Any]:
    """Return the points of the line of this label, shape [points, 2]."""
    (found,) = [one for one in axes.lines if one.get_label() == label]
    assert isinstance(found, Line2D)
    return np.asarray(found.get_xydata())


def test_predictions_of_no_architectures_say_so() -> None:
    seen = predictions_table(1).query("architectures == 'archive'")
    figure = predictions_figure(seen, "combined", ("evolved", "last_loss"), TITLE)
    assert [axes.texts[0].get_text() for axes in figure.axes] == [words.NONE_UNSEEN] * 2


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("count", [1, 2])
def test_every_figure_is_drawn_and_says_what_it_shows(count: int, tmp_path: Path) -> None:
    searching = list(ODD.values())[1:]
    expected = {name: list(ODD.values()) for name in ("training", "validation", "cost")}
    seeds = [f"seed {n}, unselected" for n in range(1, count + 1)]
    expected |= {"fitness": searching, "predictions": seeds}
    expected["family"] = [words.MALE, words.FEMALE, words.FINISHED, words.WINNER]
    expected["family"] += words.PARENTS.values()
    for name, figure in all_figures(count).items():
        for axes in figure.axes:
            assert axes.get_xlabel()
        assert figure.axes[0].get_ylabel()
        assert legend(figure) == expected[name]
        save_figure(figure, tmp_path / f"{name}.svg")
        written = (tmp_path / f"{name}.svg").read_text()
        # matplotlib writes what it draws as paths into comments, too.
        assert "edition #1" in written


def test_line_is_the_mean_over_seeds_of_the_mean_over_repeats() -> None:
    (axes,) = losses_drawn(LOSSES).axes
    # Seeds of 3 and 4: the mean is 3.5, and falls from 2 above it; the first point has no loss.
    expected = [(101.5, 5.5), (201.5, 4.5), (301.5, 3.5)]
    np.testing.assert_allclose(line(axes, ODD["male"]), expected)
    band = np.asarray(axes.collections[1].get_paths()[0].vertices)
    low, high = stats.t.interval(0.9, 1, 3.5, stats.sem([3, 4]))
    at_the_end = band[band[:, 0] == 301.5, 1]
    assert (at_the_end.min(), at_the_end.max()) == pytest.approx((low, high))


def test_points_without_an_estimate_are_left_out() -> None:
    (axes,) = losses_drawn(LOSSES, "validation_loss").axes
    np.testing.assert_allclose(line(axes, ODD["combined"]), [(1.5, 3), (201.5, 3)])


def test_seed_that_diverged_is_left_out_and_the_legend_says_so() -> None:
    losses = LOSSES | {"male": [3.0, NAN], "female": [NAN, NAN]}
    figure = losses_drawn(losses)
    male, female = f"{ODD['male']} (1 of 2)", f"{ODD['female']} (0 of 2)"
    assert legend(figure) == [ODD["baseline"], male, female, ODD["combined"]]
    np.testing.assert_allclose(line(figure.axes[0], male)[:, 1], [5, 4, 3])
    assert len(line(figure.axes[0], female)) == 0


@pytest.mark.filterwarnings("error")
def test_diverged_modes_are_drawn_as_far_as_they_go(tmp_path: Path) -> None:
    gone = {mode: [NAN, NAN] for mode in LOSSES}
    save_figure(losses_drawn(gone), tmp_path / "training.svg")
    individuals = searches(2)
    individuals.loc[individuals["seed"] == 2, "final_loss"] = NAN
    figure = search_cost_figure(individuals, finals_table(gone), ODD, 0.9, TITLE)
    save_figure(figure, tmp_path / "cost.svg")
    # Of a baseline that always diverged there is nothing to draw.
    assert legend(figure) == [f"{label} (1 of 2)" for label in list(ODD.values())[1:]]
    assert len(line(figure.axes[0], f"{ODD['male']} (1 of 2)"))
    individuals["final_loss"] = NAN
    figure = search_cost_figure(individuals, finals_table(gone), ODD, 0.9, TITLE)
    assert legend(figure) == [f"{label} (0 of 2)" for label in list(ODD.values())[1:]]


def test_cost_steps_down_where_the_better_network_is_paid_for() -> None:
    figure = search_cost_figure(searches(1), finals_table(first_seeds(1)), ODD, 0.9, TITLE)
    assert [axes.get_xlabel() for axes in figure.axes] == [words.SEARCH_TOKENS, words.SEARCH_FLOPS]
    for axes, per_token in zip(figure.axes, (1, 7), strict=True):
        points = line(axes, ODD["male"])
        # Founders of losses 9 and 8, one that was given up, then the child of loss 3.
        at = {cost / per_token: loss for cost, loss in points}
        assert (at[100], at[200], at[300], at[400]) == (9, 8, 8, 3)
        assert {loss for cost, loss in points if 300 < cost / per_token < 400} == {8}
        (step,) = [one for one in axes.lines if one.get_label() == ODD["male"]]
        assert step.get_drawstyle() == "steps-post"
        # The baseline's best validation loss, 3 times its loss, is level.
        assert set(line(axes, ODD["baseline"])[:, 1]) == {12}


def test_fitness_begins_at_the_founders_and_averages_by_seed() -> None:
    individuals = searches(2)
    # Of seed 1 there are four children more than of seed 2, all of them fast.
    fast = individuals[(individuals["seed"] == 1) & (individuals["generation"] == 1)]
    fast = fast[fast["mode"] == "male"].assign(number=11, sex="male", speed=2.6)
    figure = fitness_figure(pd.concat([individuals, fast, fast]), ODD, TITLE)
    # Seed 1: 0.6 and four times 2.6, seed 2: 0.6.
    males = line(figure.axes[0], ODD["male"])
    np.testing.assert_allclose(males, [(0, 0.5), (1, (2.2 + 0.6) / 2)])
    np.testing.assert_allclose(line(figure.axes[1], ODD["female"]), [(0, 0), (1, 0.2)])


def test_predictions_are_of_the_unseen_alone() -> None:
    table = predictions_table(2)
    figure = predictions_figure(table, "combined", ("evolved", "last_loss"), TITLE)
    for axes, title in zip(figure.axes, ("evolved", "last loss"), strict=True):
        assert axes.get_title() == title
        for seed in (1, 2):
            np.testing.assert_allclose(
                line(axes, f"seed {seed}, unselected"), [(1, 0), (1.5, 0.5), (2, 1)]
            )
