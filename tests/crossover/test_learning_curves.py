"""Learning curves survive their file; figures show the data and come out the same every time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy import stats

from crossbreed.config.schema import Figures
from crossbreed.crossover.curves import METRICS, EpochRecord, metrics_at, save_curve
from crossbreed.crossover.evaluation import join_curves
from crossbreed.crossover.figures.learning_curves import learning_curves
from crossbreed.errors import CrossbreedError
from crossbreed.figures.style import save_figure
from paired_tables import by_epoch

WORDS = Figures(title="Breeding", epoch_label="epoch", loss_label="loss")
LABELS = {"baseline": "no breeding", "mine": "breeding"}
# By arm, then run: the loss after epochs 1, 2 and 3.
LOSSES = {
    "baseline": [[4.0, 2.0, 1.0], [6.0, 3.0, 2.0], [5.0, 2.5, 1.5]],
    "mine": [[4.0, 1.0, 0.5], [6.0, 3.0, 1.0], [5.0, 5.0, 1.5]],
}


TABLE = by_epoch(**LOSSES)


def record(epoch: int, *columns: list[float]) -> EpochRecord:
    """Make a record from the values of train_loss, validation_loss, validation_accuracy."""
    return EpochRecord(epoch, dict(zip(METRICS, map(np.array, columns), strict=True)))


def draw(best: pd.DataFrame) -> Figure:
    return learning_curves(best, LABELS, "baseline", [2], WORDS, 0.9)


def curves_in(axes: Axes) -> dict[str, NDArray[np.float64]]:
    """Return the points of each labelled line; the marks of events bear no label."""
    lines = [line for line in axes.lines if not str(line.get_label()).startswith("_")]
    drawn = {str(line.get_label()): np.asarray(line.get_xydata()) for line in lines}
    assert len(drawn) == len(lines)
    return drawn


def bands_in(axes: Axes) -> list[NDArray[np.float64]]:
    """Return the lower and upper edge of each band at epochs 1, 2 and 3, shape [2, 3]."""
    edges = []
    for band in axes.collections:
        assert isinstance(band, PolyCollection)
        points = np.asarray(band.get_paths()[0].vertices)
        at_epochs = [points[points[:, 0] == epoch, 1] for epoch in (1, 2, 3)]
        edges.append(
            np.array([[values.min() for values in at_epochs], [v.max() for v in at_epochs]])
        )
    return edges


def test_curve_is_stored_as_readable_rows(tmp_path: Path) -> None:
    path = tmp_path / "curve.csv"
    save_curve(path, [record(3, [0.5, 0.25], [0.125, np.nan], [1.0, np.nan])])
    assert path.read_text() == (
        "epoch,network,train_loss,validation_loss,validation_accuracy\n"
        "3,1,0.5,0.125,1.0\n"
        "3,2,0.25,nan,nan\n"
    )


def test_values_that_are_not_finite_come_back(tmp_path: Path) -> None:
    path = tmp_path / "curve.csv"
    diverged = record(2, [np.inf, np.nan, 0.1], [np.nan, -np.inf, 1e-300], [0.0, 1.0, np.nan])
    save_curve(path, [record(1, [1.0] * 3, [2.0] * 3, [0.5] * 3), diverged])
    got = metrics_at(path, 2, 3)
    for metric in METRICS:
        np.testing.assert_array_equal(got[metric], diverged.metrics[metric], strict=True)
    np.testing.assert_array_equal(metrics_at(path, 1, 3)["validation_loss"], [2.0] * 3)


@pytest.mark.parametrize(("epoch", "networks"), [(2, 1), (1, 2), (1, 0)])
def test_epoch_or_network_that_the_curve_lacks_is_named(
    tmp_path: Path, epoch: int, networks: int
) -> None:
    save_curve(tmp_path / "curve.csv", [record(1, [1.0], [2.0], [0.5])])
    wanted = rf"curve\.csv does not have epoch {epoch} of {networks} networks; delete it"
    with pytest.raises(CrossbreedError, match=wanted):
        metrics_at(tmp_path / "curve.csv", epoch, networks)
    # Of no networks none are lacking.
    assert metrics_at(tmp_path / "curve.csv", 2, 0)["train_loss"].shape == (0,)


@pytest.mark.parametrize(
    "content",
    ["a,b\n1,2\n", "epoch,network,train_loss,validation_loss,validation_accuracy\n1,1,0.5"],
)
def test_file_that_is_no_curve_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "curve.csv").write_text(content)
    with pytest.raises(CrossbreedError, match=r"not a learning curve \(.*\); delete it"):
        metrics_at(tmp_path / "curve.csv", 1, 1)


def test_pieces_of_curves_are_joined_in_order(tmp_path: Path) -> None:
    trunk, rest = tmp_path / "trunk/epoch-0001/curve.csv", tmp_path / "mine/epoch-0002/curve.csv"
    save_curve(trunk, [record(1, [3.0, np.nan], [1.0, 1.0], [0.5, 0.5])])
    save_curve(rest, [record(2, [2.0, np.inf], [1.0, 1.0], [0.5, 0.5])])
    joined = join_curves(
        lambda _lineage: tmp_path,
        [("mine", "trunk", 1), ("mine", "mine", 2), ("baseline", "trunk", 1)],
    )
    assert list(zip(joined["arm"], joined["epoch"], joined["network"], strict=True)) == [
        *(("mine", 1, 1), ("mine", 1, 2), ("mine", 2, 1), ("mine", 2, 2)),
        *(("baseline", 1, 1), ("baseline", 1, 2)),
    ]
    np.testing.assert_array_equal(joined["train_loss"], [3.0, np.nan, 2.0, np.inf, 3.0, np.nan])


def test_pieces_that_do_not_go_on_where_the_last_one_ended_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "trunk/epoch-0003/curve.csv"
    save_curve(path, [record(epoch, [1.0], [1.0], [0.5]) for epoch in (2, 3)])
    with pytest.raises(CrossbreedError, match=r"must hold the epochs 1 to 3 of mine, not 2 to 3"):
        join_curves(lambda _lineage: tmp_path, [("mine", "trunk", 3)])


def test_panels_draw_the_mean_over_runs_and_that_of_paired_differences() -> None:
    left, right = map(curves_in, draw(TABLE).axes)
    assert list(left) == list(right) == list(LABELS.values())
    np.testing.assert_allclose(left["no breeding"], [[1.0, 5.0], [2.0, 2.5], [3.0, 1.5]])
    np.testing.assert_allclose(left["breeding"], [[1, 5], [2, 3], [3, 1]])
    np.testing.assert_array_equal(right["no breeding"], [[1, 0], [2, 0], [3, 0]])
    # Ratios at epoch 2: 1/2, 1, 2; at epoch 3: 1/2, 1/2, 1. Their geometric means, less 1:
    np.testing.assert_allclose(
        right["breeding"], [[1, 0], [2, 0], [3, 0.25 ** (1 / 3) - 1]], atol=1e-15
    )


def test_bands_are_t_intervals_of_the_mean() -> None:
    left, right = draw(TABLE).axes
    losses = {arm: np.array(runs) for arm, runs in LOSSES.items()}
    panels: list[tuple[Axes, list[NDArray[np.float64]], Any]] = [
        (left, list(losses.values()), np.asarray),
        # Of the logarithm of the ratio, drawn as the ratio less 1.
        (right, [np.log(values / losses["baseline"]) for values in losses.values()], np.expm1),
    ]
    for axes, samples, drawn in panels:
        for edges, values in zip(bands_in(axes), samples, strict=True):
            half = stats.t.ppf(0.95, 2) * stats.sem(values, axis=0)
            wanted = values.mean(axis=0) + np.array([-half, half])
            np.testing.assert_allclose(edges, drawn(wanted), atol=1e-12)


def test_events_and_words_are_in_the_figure() -> None:
    figure = draw(TABLE)
    left, right = figure.axes
    for axes in (left, right):
        marks = [line for line in axes.lines if list(np.asarray(line.get_xdata())) == [2, 2]]
        assert len(marks) == 1
        assert [text.get_text() for text in axes.texts] == ["breeding"]
        assert axes.get_xlabel() == "epoch"
    assert left.get_ylabel() == "loss"
    assert right.get_ylabel() == "difference from no breeding"
    assert figure.get_suptitle() == "Breeding"
    assert [text.get_text() for text in figure.legends[0].get_texts()] == list(LABELS.values())


@pytest.mark.parametrize("words", [r"a_$\frac{ $", "_hidden"])
def test_words_are_drawn_as_they_were_given(tmp_path: Path, words: str) -> None:
    labels = {"baseline": words, "mine": "breeding"}
    given = Figures(title=words, epoch_label=words, loss_label=words)
    figure = learning_curves(TABLE, labels, "baseline", [2], given, 0.9)
    save_figure(figure, tmp_path / "figure.svg")
    # Once as the title, twice below the axes, once beside each, once in the legend.
    drawn = (tmp_path / "figure.svg").read_text()
    assert drawn.count(f"<!-- {words} -->") == 5
    assert drawn.count(f"<!-- difference from {words} -->") == 1


@pytest.mark.parametrize("suffix", [".svg", ".png"])
def test_same_data_same_bytes(tmp_path: Path, suffix: str) -> None:
    first, again = (tmp_path / f"{name}{suffix}" for name in ("first", "again"))
    for path in (first, again):
        save_figure(draw(TABLE), path)
    assert first.read_bytes() == again.read_bytes()
    assert first.read_bytes().startswith({".svg": b"<?xml", ".png": b"\x89PNG"}[suffix])


@pytest.mark.parametrize(("last", "ticks"), [(0.005, 5), (0.7, 2)])
def test_loss_axis_is_marked_however_far_losses_fall(last: float, ticks: int) -> None:
    losses = np.geomspace(1, last, 3)
    axes = draw(TABLE.assign(best_train_loss=losses[TABLE["epoch"] - 1])).axes[0]
    low, high = axes.get_ylim()
    marked = [tick for tick in axes.yaxis.get_majorticklocs() if low <= tick <= high]
    assert len(marked) >= ticks
    labels = {axes.yaxis.get_major_formatter()(tick, 0) for tick in marked}
    assert len(labels) == len(marked)


def test_figure_of_runs_that_all_diverged_is_drawn_empty(tmp_path: Path) -> None:
    save_figure(draw(TABLE.assign(best_train_loss=np.nan)), tmp_path / "figure.svg")
    assert "(0 of 3 runs)" in (tmp_path / "figure.svg").read_text()
