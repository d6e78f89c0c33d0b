"""The gender study's answer in words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd

from crossbreed.gender.results.archives import UNSELECTED
from crossbreed.gender.results.early_speed import ASSUMPTION as EARLY_SPEED
from crossbreed.gender.results.effects import BASELINE, FACTORIAL, missing_modes
from crossbreed.gender.results.predictions import AT_LEISURE, EVOLVED
from crossbreed.gender.results.predictor_evidence import ASSUMPTION as PREDICTION
from crossbreed.gender.results.predictor_evidence import SHUFFLED
from crossbreed.gender.results.winners import founders_won, shared

CANONICAL = "tinyshakespeare"
# The mode whose predictors are written out, if it is there.
PAPER_MODE = "combined"
_METRIC = "whole_validation_loss"
_SHOWN = (EVOLVED, AT_LEISURE, "ridge", "last_loss", "random")

MISSING = (
    "Trainings that diverge are the worst ones: a mode that lost some looks better than it is."
)


class Tables(NamedTuple):
    """All tables of the study, as they are written."""

    table: pd.DataFrame
    differences: pd.DataFrame
    published: pd.DataFrame
    evidence: pd.DataFrame
    predictions: pd.DataFrame
    winners: pd.DataFrame


def summary(tables: Tables, labels: Mapping[str, str], seeds: int, confidence: float) -> str:
    """Say in lines of text what the tables show.

    Parameters
    ----------
    tables
        See `outcome`, `effects`, `published`, `early_speed`, `predictor_evidence`
        and `winners`.
    labels
        The modes and their names for readers.
    seeds
        Search seeds.
    confidence
        Level of all intervals.
    """
    lines = [
        *_heading(tables.table, seeds, confidence),
        *_modes(tables, labels),
        *_diverged(tables.table),
        *_same(tables),
        *_effects(tables.differences, list(labels)),
        *_resolution(tables.differences, seeds),
        *_equal_operations(tables.table),
        *_speed(tables.evidence),
        *_predictors(tables.evidence),
        *_formulas(tables.predictions),
        *_published(tables.published),
    ]
    return "\n".join(lines)


def _heading(table: pd.DataFrame, seeds: int, confidence: float) -> list[str]:
    edition = table["edition"].iloc[0]
    lines = [
        f"Gender study on {edition}: {seeds} search seed{'' if seeds == 1 else 's'}, "
        f"{100 * confidence:g}% intervals; losses in nats per character."
    ]
    if edition != CANONICAL:
        lines.append(
            f"This is another edition than {CANONICAL}: no loss here may be compared with the "
            f"paper's (how to get {CANONICAL}: docs/how-to/install.md, Offline)."
        )
    return lines


def _modes(tables: Tables, labels: Mapping[str, str]) -> list[str]:
    lines = [
        "Validation loss of the winners, trained anew, on the whole split (in brackets: less the "
        "baseline, paired by seed):"
    ]
    width = max(map(len, labels.values()))
    for row in _rows(tables.table):
        line = f"  {labels[row['mode']]:{width}}  {_mean(row, _METRIC)}"
        found = tables.differences[
            (tables.differences["contrast"] == f"{row['mode']} - {BASELINE}")
            & (tables.differences["metric"] == _METRIC)
        ]
        lines.append(line + "".join(f"  [{_difference(one)}]" for one in _rows(found)))
    return lines


def _diverged(table: pd.DataFrame) -> list[str]:
    lost = [row for row in _rows(table) if row["diverged_finals"]]
    if not lost:
        return []
    named = "; ".join(f"{row['mode']}: {row['diverged_finals']}" for row in lost)
    return [
        f"Diverged trainings of winners (seed-repeat), whose seeds are missing: {named}.",
        MISSING,
    ]


def _same(tables: Tables) -> list[str]:
    lines = []
    same = [
        f"seed {seed}: {', '.join(' = '.join(modes) for modes in groups)}"
        for seed, groups in shared(tables.winners).items()
    ]
    if same:
        lines.append(f"Modes with the same winner, and so the same losses: {'; '.join(same)}.")
    searched = tables.table.dropna(subset=["best_final_loss_mean"])["mode"].tolist()
    unbred = [
        f"seed {seed}: {', '.join(modes)}"
        for seed, modes in founders_won(tables.winners, searched).items()
    ]
    if unbred:
        lines.append(f"Searches that found nothing better than a founder: {'; '.join(unbred)}.")
    return lines


def _effects(differences: pd.DataFrame, modes: list[str]) -> list[str]:
    missing = missing_modes(modes)
    lines = []
    if missing.baseline:
        lines.append(f"No mode is called {BASELINE}, so none is compared with it.")
    if missing.cells:
        return [
            *lines,
            "What each kind of selection adds cannot be said: the study lacks "
            f"{', '.join(missing.cells)}.",
        ]
    lines.append("What each kind of selection adds to that loss (2 x 2 design):")
    for effect in FACTORIAL:
        found = differences[
            (differences["contrast"] == effect) & (differences["metric"] == _METRIC)
        ]
        lines += [f"  {effect.replace('_', ' '):16}  {_difference(one)}" for one in _rows(found)]
    return lines


def _resolution(differences: pd.DataFrame, seeds: int) -> list[str]:
    found = differences[
        differences["contrast"].str.endswith(f" - {BASELINE}") & (differences["metric"] == _METRIC)
    ]
    if found.empty:
        return []
    widths = ((found["interval_high"] - found["interval_low"]) / 2).dropna()
    if widths.empty:
        few = "one seed" if seeds == 1 else f"{seeds} seeds and these results"
        return [f"With {few} there is no interval: no difference can be told from chance."]
    return [
        f"With {seeds} seeds, intervals of differences from the baseline are "
        f"{widths.median():.4f} wide to either side (median over modes); p values are not "
        "corrected for their number."
    ]


def _equal_operations(table: pd.DataFrame) -> list[str]:
    searched = table.dropna(subset=["best_final_loss_mean"])
    if searched.empty:
        return []
    parts = [
        ", ".join(
            f"{row['mode']} {row[f'{metric}_mean']:.4f}"
            for row in _rows(searched.sort_values(f"{metric}_mean"))
        )
        for metric in ("best_final_loss", "best_final_loss_equal_flops")
    ]
    return [
        f"Lowest loss found by a search, all within the same budget of characters: {parts[0]}.",
        f"The same at equal operations: {parts[1]}.",
    ]


def _speed(evidence: pd.DataFrame) -> list[str]:
    found = evidence[(evidence["assumption"] == EARLY_SPEED) & (evidence["seed"] == "pooled")]
    if found.empty:
        return [
            "Whether early speed tells the end cannot be said: too few trained to the end, or all "
            "ended alike."
        ]
    parts = [
        f"{'unselected ones' if row['architectures'] == UNSELECTED else 'all'} {_tau(row)}"
        for row in _rows(found)
    ]
    return [
        "Does who learns fast early end well? Kendall's tau over architectures of the same seed: "
        f"{'; '.join(parts)}."
    ]


def _predictors(evidence: pd.DataFrame) -> list[str]:
    found = evidence[(evidence["assumption"] == PREDICTION) & (evidence["seed"] == "mean")]
    if found.empty:
        return [
            "Whether predictors foretell cannot be said: no search left others unseen whose losses "
            "differ."
        ]
    lines = ["Do predictors foretell? Tau on architectures unseen by the search, mean over seeds:"]
    for (mode, kind), group in found.groupby(["mode", "architectures"], sort=False):
        rows = {row["predictor"]: row for row in _rows(group)}
        taus = ", ".join(f"{name} {rows[name]['tau']:+.2f}" for name in _SHOWN if name in rows)
        chance = rows[SHUFFLED]
        lines.append(
            f"  {mode} ({str(kind).replace('_', ' ')}): {taus}; females chosen by shuffled losses "
            f"{chance['tau']:+.2f}, 1 in 20 such means at or above {chance['percentile_95']:+.2f}"
        )
    return lines


def _formulas(predictions: pd.DataFrame) -> list[str]:
    evolved = predictions[predictions["predictor"] == EVOLVED]
    modes = list(evolved["mode"].unique())
    if not modes:
        return []
    mode = PAPER_MODE if PAPER_MODE in modes else modes[0]
    first = evolved[evolved["mode"] == mode].drop_duplicates("seed")
    return [
        f"Best predictor of {mode}, seed {row['seed']}: {row['formula']}" for row in _rows(first)
    ]


def _published(published: pd.DataFrame) -> list[str]:
    lines = []
    for row in _rows(published):
        what = f"Published {row['metric']} of {row['mode']}"
        if _absent(row["difference"]):
            lines.append(f"{what}: {row['published']:g}; that of {row['reference']} is not known.")
            continue
        within = row["within_noise"]
        verdict = "the spread of single runs is not known"
        if not _absent(within):
            size = f"what two single runs differ by ({row['smallest_credible_difference']:.4f})"
            verdict = f"within {size}" if within else f"more than {size}"
        lines.append(
            f"{what} less that of {row['reference']}: {row['difference']:+.4f}, "
            f"{verdict}{_contradiction(row)}."
        )
    return lines


def _contradiction(row: Mapping[str, Any]) -> str:
    said, difference = row["text_says"], row["difference"]
    if _absent(said) or _absent(difference):
        return ""
    agrees = difference < 0 if said == "lower" else difference > 0
    return "" if agrees else f"; the paper's text says it is {said}"


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]


def _mean(row: Mapping[str, Any], metric: str) -> str:
    if _absent(row[f"{metric}_mean"]):
        return "none"
    return f"{row[f'{metric}_mean']:.4f}" + _interval(
        row[f"{metric}_low"], row[f"{metric}_high"], ".4f"
    )


def _difference(row: Mapping[str, Any]) -> str:
    if _absent(row["mean_difference"]):
        return "nothing to compare"
    p = "" if _absent(row["p"]) else f", p = {row['p']:.2g}"
    low, high = row["interval_low"], row["interval_high"]
    return f"{row['mean_difference']:+z.4f}{_interval(low, high, '+z.4f')}{p}"


def _tau(row: Mapping[str, Any]) -> str:
    interval = _interval(row["interval_low"], row["interval_high"], "+.2f")
    return f"{row['tau']:+.2f}{interval} of {row['n']}"


def _interval(low: float, high: float, form: str) -> str:
    return "" if _absent(low) else f" ({low:{form}} to {high:{form}})"


def _absent(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))
