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
from crossbreed.gender.figures.shares import shares_figure
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
        (seed, "combined", name, rank, 1 + rank)
        for seed in range(1, count + 1)
        for name in ("evolved", "last_loss")
        for rank in (0.0, 0.5, 1.0)
    ]
    columns = ["seed", "mode", "predictor", "foretold_rank", "final_loss"]
    return pd.DataFrame(rows, columns=columns)


def by_share() -> pd.DataFrame:
    rows = [
        (name, share, tau * share, tau * share - 0.1, tau * share + 0.1, 1 - share)
        for name, tau in (("last_loss", 0.8), ("evolved_offline", 0.4))
        for share in (0.25, 0.5, 1.0)
    ]
    columns = ["predictor", "share", "tau", "table_low", "table_high", "regret_1"]
    return pd.DataFrame(rows, columns=columns)


def losses_drawn(losses: dict[str, list[float]], metric: str = "train_loss") -> Figure:
    tables = curves_table(losses), finals_table(losses)
    return loss_figure(*tables, metric, ODD, 0.9, TITLE, words.TRAINING_AXIS)


def cost_drawn(individuals: pd.DataFrame, losses: dict[str, list[float]]) -> Figure:
    tables = individuals, finals_table(losses)
    return search_cost_figure(*tables, ODD, "baseline", 0.9, TITLE)


def all_figures(count: int) -> dict[str, Figure]:
    losses, individuals = first_seeds(count), searches(count)
    return {
        "training": losses_drawn(losses),
        "validation": losses_drawn(losses, "validation_loss"),
        "cost": cost_drawn(individuals, losses),
        "fitness": fitness_figure(individuals, ODD, TITLE),
        "predictions": predictions_figure(
            predictions_table(count), "combined", ("evolved", "last_loss"), TITLE
        ),
        "shares": shares_figure(by_share(), 0.25, TITLE),
        "family": genealogy_figure(genealogy(individuals, "combined", 1), TITLE),
    }


def legend(figure: Figure) -> list[str]:
    (found,) = figure.legends
    return [text.get_text() for text in found.get_texts()]


def drawn_lines(axes: Axes, label: str) -> list[Line2D]:
    return [drawn for drawn in axes.lines if drawn.get_label() == label]


def line(axes: Axes, label: str) -> NDArray[Any]:
    """Return the points of the line of this label, shape [points, 2]."""
    (drawn,) = drawn_lines(axes, label)
    return np.asarray(drawn.get_xydata())


def test_predictions_of_no_architectures_say_so() -> None:
    figure = predictions_figure(predictions_table(1), "male", ("evolved", "last_loss"), TITLE)
    assert [axes.texts[0].get_text() for axes in figure.axes] == [words.NONE_UNSEEN] * 2


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("count", [1, 2])
def test_every_figure_is_drawn_and_says_what_it_shows(count: int, tmp_path: Path) -> None:
    searching = list(ODD.values())[1:]
    expected = {name: list(ODD.values()) for name in ("training", "validation", "cost")}
    seeds = [f"seed {seed}" for seed in range(1, count + 1)]
    expected |= {"fitness": searching, "predictions": seeds}
    expected["shares"] = ["last loss", "evolved offline"]
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
    figure = cost_drawn(individuals, gone)
    save_figure(figure, tmp_path / "cost.svg")
    # Of a baseline that always diverged there is nothing to draw.
    assert legend(figure) == [f"{label} (1 of 2)" for label in list(ODD.values())[1:]]
    assert len(line(figure.axes[0], f"{ODD['male']} (1 of 2)"))
    individuals["final_loss"] = NAN
    figure = cost_drawn(individuals, gone)
    assert legend(figure) == [f"{label} (0 of 2)" for label in list(ODD.values())[1:]]


def test_cost_steps_down_where_the_better_network_is_paid_for() -> None:
    figure = cost_drawn(searches(1), first_seeds(1))
    assert [axes.get_xlabel() for axes in figure.axes] == [words.SEARCH_TOKENS, words.SEARCH_FLOPS]
    for axes, per_token in zip(figure.axes, (1, 7), strict=True):
        points = line(axes, ODD["male"])
        # Founders of losses 9 and 8, one that was given up, then the child of loss 3.
        at = {cost / per_token: loss for cost, loss in points}
        assert (at[100], at[200], at[300], at[400]) == (9, 8, 8, 3)
        assert {loss for cost, loss in points if 300 < cost / per_token < 400} == {8}
        (step,) = drawn_lines(axes, ODD["male"])
        assert step.get_drawstyle() == "steps-post"
        # The baseline's best validation loss, 3 times its loss, is level.
        assert set(line(axes, ODD["baseline"])[:, 1]) == {12}


def test_on_a_table_the_cost_shows_losses_that_the_search_has_not_seen() -> None:
    individuals = searches(1)
    held_out = individuals["final_loss"] + 100
    figure = cost_drawn(individuals.assign(held_out_loss=held_out), first_seeds(1))
    (axes, _) = figure.axes
    assert axes.get_ylabel() == words.HELD_OUT_LOSS
    assert set(line(axes, ODD["male"])[:, 1]) == {109, 108, 103}
    # The baseline's is its validation loss, not its best estimate.
    assert set(line(axes, ODD["baseline"])[:, 1]) == {4}


@pytest.mark.parametrize(("seeds", "faint"), [(1, 0), (2, 2), (10, 10), (11, 0)])
def test_many_seeds_are_a_mean_with_its_band_alone(seeds: int, faint: int) -> None:
    losses = {"baseline": [4.0 + seed / 8 for seed in range(seeds)]}
    labels = {"baseline": "default"}
    tables = curves_table(losses), finals_table(losses)
    figure = loss_figure(*tables, "train_loss", labels, 0.9, TITLE, words.TRAINING_AXIS)
    (axes,) = figure.axes
    assert len(axes.lines) == 1 + faint
    assert len(axes.collections) == (seeds > 1)
    assert line(axes, "default")[-1, 1] == pytest.approx(np.mean(losses["baseline"]))


def test_fitness_shows_the_individuals_of_ten_seeds_and_averages_all() -> None:
    individuals = individuals_table({"male": [1.0] * 12})
    late = individuals["seed"] > 10
    individuals.loc[late, "speed"] = individuals["speed"] + 6
    (males, _) = fitness_figure(individuals, {"male": "the fastest"}, TITLE).axes
    dots = [drawn for drawn in males.lines if drawn.get_linestyle() == "None"]
    assert [len(np.asarray(drawn.get_xdata())) for drawn in dots] == [10, 10]
    assert max(np.asarray(drawn.get_ydata()).max() for drawn in dots) == 0.6
    np.testing.assert_allclose(line(males, "the fastest"), [(0, 1.5), (1, 1.6)])


def test_shares_are_drawn_with_the_tables_interval_and_where_searches_select() -> None:
    tau, regret = shares_figure(by_share(), 0.25, TITLE).axes
    assert (tau.get_ylabel(), regret.get_ylabel()) == (words.SHARE_TAU_AXIS, words.REGRET_AXIS)
    np.testing.assert_allclose(line(tau, "last loss"), [(0.25, 0.2), (0.5, 0.4), (1, 0.8)])
    band = np.asarray(tau.collections[0].get_paths()[0].vertices)
    at_the_end = band[band[:, 0] == 1, 1]
    assert (at_the_end.min(), at_the_end.max()) == pytest.approx((0.7, 0.9))
    for axes in (tau, regret):
        assert np.asarray(axes.lines[-1].get_xdata()).tolist() == [0.25, 0.25]
    assert np.asarray(regret.lines[0].get_ydata()).tolist() == [0.75, 0.5, 0]


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


def test_predictions_are_drawn_by_seed() -> None:
    table = predictions_table(2)
    figure = predictions_figure(table, "combined", ("evolved", "last_loss"), TITLE)
    for axes, title in zip(figure.axes, ("evolved", "last loss"), strict=True):
        assert axes.get_title() == title
        for seed in (1, 2):
            np.testing.assert_allclose(line(axes, f"seed {seed}"), [(1, 0), (1.5, 0.5), (2, 1)])
