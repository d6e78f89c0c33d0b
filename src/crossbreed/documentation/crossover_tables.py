"""Tables of the crossover study's published results, as Markdown."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from crossbreed.crossover.results.outcomes import LOSSES
from crossbreed.documentation.markdown import Cells, table, with_interval
from crossbreed.reference.contents import COMPARISON, CONDITIONS, OUTCOMES
from crossbreed.reference.settings import read_config
from crossbreed.statistics.intervals import estimate

_PATHS = {
    "plain": "as they are",
    "aligned": "hidden units matched",
    "repaired": "matched, and their spread restored (REPAIR)",
}


def arms(reference: Path) -> str:
    """Set the differences of all arms at the last epoch side by side, a row for each contrast."""
    found = pd.read_csv(reference / COMPARISON)
    last = found[found["epoch"] == found["epoch"].max()]
    metrics = {
        "best_train_loss": "best training loss",
        "mean_train_loss": "mean training loss of all networks",
        "test_loss": "test loss",
        "test_accuracy": "test accuracy",
    }
    rows: list[Cells] = []
    for (arm, other), group in last.groupby(["arm", "reference"], sort=False):
        known = {str(row["metric"]): row for row in group.to_dict("records")}
        cells = [_difference(known[name]) for name in metrics]
        rows.append((f"`{arm}` - `{other}`", *cells))
    return table(("difference", *metrics.values()), rows)


def equivalence(reference: Path) -> str:
    """Tell how surely each arm ends as the baseline does, within the declared margins."""
    found = pd.read_csv(reference / COMPARISON)
    last = found[(found["epoch"] == found["epoch"].max()) & (found["reference"] == "baseline")]
    metrics = {"best_train_loss": "best training loss", "test_accuracy": "test accuracy"}
    margin = read_config(reference)["statistics"]["margin"]
    margins = [f"{100 * margin['relative']:g} %", f"{100 * margin['absolute']:g} pp"]
    rows: list[Cells] = []
    for arm, group in last.groupby("arm", sort=False):
        known = dict(zip(group["metric"], group["p_equivalence"], strict=True))
        rows.append((f"`{arm}`", *(f"{known[name]:.2g}" for name in metrics)))
    heads = [f"{name}, within {size}" for name, size in zip(metrics.values(), margins, strict=True)]
    return table(("the same as `baseline`: p of", *heads), rows)


def overfitting(reference: Path) -> str:
    """Set test losses at the end beside that of the baseline at half time, paired by run."""
    outcomes = pd.read_csv(reference / OUTCOMES)
    half, last = sorted(outcomes["epoch"].unique())[-2:]
    # Up to breeding all arms are the baseline.
    before = outcomes[(outcomes["arm"] == "baseline") & (outcomes["epoch"] == half)]
    before = before.set_index("run")
    rows: list[Cells] = [("all, before breeding", str(half), *_losses(before), "", "")]
    level = float(read_config(reference)["statistics"]["confidence"])
    for arm, group in outcomes[outcomes["epoch"] == last].groupby("arm", sort=False):
        after = group.set_index("run")
        rows.append(
            (
                f"`{arm}`",
                str(last),
                *_losses(after),
                _ratio(after["test_loss"] / before["test_loss"], level),
                _points(after["test_accuracy"] - before["test_accuracy"], level),
            )
        )
    heads = ("arm", "epoch", "training loss", "test loss", "test accuracy")
    since = f"less the one at epoch {half}"
    return table((*heads, f"test loss {since}", f"test accuracy {since}"), rows)


def barrier(reference: Path) -> str:
    """Tell of networks between two parents: at the first place measured, and half way.

    Losses and accuracies are set against those on the straight line between the parents'.
    """
    found = pd.read_csv(reference / "crossover/barrier.csv")
    level = float(read_config(reference)["statistics"]["confidence"])
    places = np.sort(found["fraction"].unique())
    rows: list[Cells] = []
    for path, label in _PATHS.items():
        whole = found[found["path"] == path].set_index(["fraction", "run"]).drop(columns="path")
        for place in (places[1], places[np.argmin(np.abs(places - 0.5))]):
            if whole.empty:
                continue
            here, first, second = (whole.loc[one] for one in (place, places[0], places[-1]))
            straight = (1 - place) * first + place * second
            excess = here["train_loss"] - straight["train_loss"]
            rows.append(
                (
                    f"{label}, {100 * place:.0f} %",
                    f"{here['train_loss'].mean():.3f} ({excess.mean():+.3f})",
                    f"{here['test_loss'].mean():.3f}",
                    _ratio(here["test_loss"] / straight["test_loss"], level),
                    _points(here["test_accuracy"] - straight["test_accuracy"], level),
                )
            )
    heads = (
        "the second parent's units, and how far towards it",
        "training loss (above the parents')",
        "test loss",
        "less the parents'",
        "test accuracy less the parents'",
    )
    return table(heads, rows)


def conditions(reference: Path) -> str:
    """Set the arms' differences side by side, a row for each condition."""
    found = pd.read_csv(reference / CONDITIONS)
    metrics = {"best_train_loss": "best training loss", "test_loss": "test loss"}
    shown = found[(found["reference"] == "baseline") & found["metric"].isin(metrics)]
    known = {(row["label"], row["arm"], row["metric"]): row for row in shown.to_dict("records")}
    columns = [(arm, metric) for arm in shown["arm"].unique() for metric in metrics]
    rows = [
        (label, *(_difference(known[label, *column]) for column in columns))
        for label in shown["label"].unique()
    ]
    return table(("condition", *(f"`{arm}`, {metrics[one]}" for arm, one in columns)), rows)


def _difference(row: Mapping[Any, Any]) -> str:
    """Write a row of a table of comparisons."""
    digits, unit = (1, "%") if row["metric"] in LOSSES else (2, "pp")
    ends = [100 * row[name] for name in ("difference", "interval_low", "interval_high")]
    return with_interval(ends, digits, unit)


def _ratio(ratios: pd.Series[float], level: float) -> str:
    """Write the geometric mean of ratios less 1."""
    found = estimate(list(np.log(ratios)), level)
    ends = [100 * math.expm1(end) for end in (found.mean, found.low, found.high)]
    return with_interval(ends, 1, "%")


def _points(differences: pd.Series[float], level: float) -> str:
    """Write the mean of differences of accuracies in percentage points."""
    found = estimate(list(100 * differences), level)
    return with_interval((found.mean, found.low, found.high), 2, "pp")


def _losses(outcomes: pd.DataFrame) -> list[str]:
    return [
        f"{outcomes['best_train_loss'].mean():.4f}",
        f"{outcomes['test_loss'].mean():.3f}",
        f"{100 * outcomes['test_accuracy'].mean():.2f} %",
    ]
