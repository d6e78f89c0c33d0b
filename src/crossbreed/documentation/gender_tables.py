"""Tables of the gender study's published results, as Markdown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from crossbreed.documentation.markdown import Cells, table, with_interval
from crossbreed.reference.contents import DIFFERENCES

_EFFECTS = {
    "male_selection": "male selection",
    "female_selection": "female selection",
    "interaction": "their interaction",
    "combined - random_mating": "`combined` - `random_mating`",
}
_PREDICTORS = {
    "evolved": "best female",
    "evolved_at_leisure": "best that genetic programming finds",
    "last_loss": "last observed loss",
    "ridge": "ridge regression",
    "power_law": "fitted power law",
    "shuffled_labels": "best female on shuffled losses",
}


def modes(reference: Path) -> str:
    """Set the modes side by side: loss, difference from the baseline, size of the winners."""
    differences, winners = _differences(reference), pd.read_csv(reference / "gender/winners.csv")
    default = int(winners.loc[winners["mode"] == "baseline", "parameters"].iloc[0])
    rows: list[Cells] = []
    for row in pd.read_csv(reference / "gender/table.csv").to_dict("records"):
        mode, loss = row["mode"], f"{row['whole_validation_loss_mean']:.3f}"
        found = winners[winners["mode"] == mode]
        if mode == "baseline":
            rows.append((f"`{mode}`", loss, "", f"{default:,}", ""))
        else:
            larger = f"{(found['parameters'] > default).sum()} of {len(found)}"
            difference = differences.get(f"{mode} - baseline", "")
            rows.append((f"`{mode}`", loss, difference, f"{row['parameters']:,.0f}", larger))
    heads = ("mode", "loss", "less the baseline", "parameters", "winners larger than the default")
    return table(heads, rows)


def selection(reference: Path) -> str:
    """Tell what each kind of selection adds to the loss, and both to random mating."""
    known = _differences(reference)
    return table(
        ("what it adds to the loss", "difference"),
        [(label, known[name]) for name, label in _EFFECTS.items() if name in known],
    )


def early_speed(reference: Path) -> str:
    """Tell whether early learning speed foretells final loss: Kendall's tau, three ways."""
    found = pd.read_csv(reference / "gender/evidence.csv", dtype={"seed": str})
    found = found[found["assumption"] == "early_speed"]
    rows: list[Cells] = []
    for architectures in found["architectures"].unique()[::-1]:
        known = found[found["architectures"] == architectures].set_index("seed")
        number = f"{int(known['n']['pooled'])}"
        rows.append((architectures, number, *(_tau(known, kind) for kind in ("mean", "pooled"))))
    return table(("architectures", "how many", "mean over seeds", "pooled within seeds"), rows)


def predictors(reference: Path) -> str:
    """Set predictors beside each other on architectures that no search has selected."""
    found = pd.read_csv(reference / "gender/evidence.csv", dtype={"seed": str})
    found = found[(found["assumption"] == "prediction") & (found["seed"] == "mean")]
    # Where too few are unselected, those of all other searches.
    kinds = list(found["architectures"].unique())
    rows: list[Cells] = []
    for (mode, kind), group in found.groupby(["mode", "architectures"], sort=False):
        known = group.set_index("predictor")
        where = f"`{mode}`" if len(kinds) == 1 else f"`{mode}` ({str(kind).replace('_', ' ')})"
        rows.append((where, *(_tau(known, name) for name in _PREDICTORS)))
    return table(("search", *_PREDICTORS.values()), rows)


def evolved(reference: Path) -> str:
    """Name the best predictor that each search with both selections has evolved."""
    told = (reference / "gender/summary.txt").read_text(encoding="utf-8")
    found = re.findall(r"^Best predictor of (\w+), seed (\w+): (.+)$", told, re.MULTILINE)
    rows = [(f"`{mode}`, seed {seed}", f"`{formula}`") for mode, seed, formula in found]
    return table(("search", "best female's predictor"), rows)


def _differences(reference: Path) -> Mapping[str, str]:
    """Return each contrast's difference in whole validation loss, with its interval."""
    found = pd.read_csv(reference / DIFFERENCES)
    found = found[found["metric"] == "whole_validation_loss"]
    return {
        str(row["contrast"]): with_interval(
            [row[name] for name in ("mean_difference", "interval_low", "interval_high")], 3, "nats"
        )
        for row in found.to_dict("records")
    }


def _tau(known: pd.DataFrame, name: str) -> str:
    if name not in known.index:
        return ""
    ends = [float(known[column][name]) for column in ("tau", "interval_low", "interval_high")]
    return with_interval(ends, 2, "")
