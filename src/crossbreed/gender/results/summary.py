"""The gender study's answer in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd

from crossbreed.gender.results.design import BASELINE, CELLS, FACTORIAL, PAPER_MODE
from crossbreed.gender.results.early_speed import ASSUMPTION as EARLY_SPEED
from crossbreed.gender.results.predictions import EVOLVED, OFFLINE
from crossbreed.gender.results.predictor_evidence import ASSUMPTION as PREDICTION
from crossbreed.gender.results.predictor_evidence import SHUFFLED
from crossbreed.gender.results.unseen import UNSELECTED
from crossbreed.gender.results.winners import founders_won, shared

CANONICAL = "tinyshakespeare"
_METRIC = "whole_validation_loss"
_SHOWN = (EVOLVED, OFFLINE, "ridge", "last_loss", "random")

MISSING = (
    "Trainings that diverge are the worst ones: a mode that lost some looks better than it is."
)
Row = Mapping[Any, Any]


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

    `labels` are the modes and their names for readers, `seeds` the number of search seeds,
    `confidence` the level of all intervals.
    """
    losses = tables.differences[tables.differences["metric"] == _METRIC]
    lines = [
        *_heading(tables.table, seeds, confidence),
        *_modes(tables.table, losses, labels),
        *_diverged(tables.table),
        *_same(tables),
        *_effects(losses, labels),
        *_resolution(losses, seeds),
        *_equal_operations(tables.table),
        *_speed(tables.evidence),
        *_predictors(tables.evidence),
        *_formulas(tables.predictions),
        *map(_published, _rows(tables.published)),
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


def _modes(table: pd.DataFrame, losses: pd.DataFrame, labels: Mapping[str, str]) -> list[str]:
    lines = [
        "Validation loss of the winners, trained anew, on the whole split (in brackets: less the "
        "baseline, paired by seed):"
    ]
    width = max(map(len, labels.values()))
    for row in _rows(table):
        mean = "none"
        if pd.notna(row[f"{_METRIC}_mean"]):
            interval = _interval(row[f"{_METRIC}_low"], row[f"{_METRIC}_high"], ".4f")
            mean = f"{row[f'{_METRIC}_mean']:.4f}{interval}"
        differences = "".join(
            f"  [{_difference(difference)}]"
            for difference in _rows(losses[losses["contrast"] == f"{row['mode']} - {BASELINE}"])
        )
        lines.append(f"  {labels[row['mode']]:{width}}  {mean}{differences}")
    return lines


def _diverged(table: pd.DataFrame) -> list[str]:
    named = [
        f"{row['mode']}: {row['diverged_finals']}" for row in _rows(table) if row["diverged_finals"]
    ]
    if not named:
        return []
    return [
        "Diverged trainings of winners (seed-repeat), whose seeds are missing: "
        f"{'; '.join(named)}.",
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


def _effects(losses: pd.DataFrame, modes: Mapping[str, str]) -> list[str]:
    lines = []
    if BASELINE not in modes:
        lines.append(f"No mode is called {BASELINE}, so none is compared with it.")
    missing = [cell for cell in CELLS if cell not in modes]
    if missing:
        return [
            *lines,
            "What each kind of selection adds cannot be said: the study lacks "
            f"{', '.join(missing)}.",
        ]
    lines.append("What each kind of selection adds to that loss (2 x 2 design):")
    for row in _rows(losses[losses["contrast"].isin(list(FACTORIAL))]):
        lines.append(f"  {row['contrast'].replace('_', ' '):16}  {_difference(row)}")
    return lines


def _resolution(losses: pd.DataFrame, seeds: int) -> list[str]:
    compared = losses[losses["contrast"].str.endswith(f" - {BASELINE}")]
    if compared.empty:
        return []
    widths = ((compared["interval_high"] - compared["interval_low"]) / 2).dropna()
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
    parts = []
    for row in _rows(_of(evidence, EARLY_SPEED, "pooled")):
        which = "unselected ones" if row["architectures"] == UNSELECTED else "all"
        interval = _interval(row["interval_low"], row["interval_high"], "+.2f")
        parts.append(f"{which} {row['tau']:+.2f}{interval} of {row['n']}")
    if not parts:
        return [
            "Whether early speed tells the end cannot be said: too few trained to the end, or all "
            "ended alike."
        ]
    return [
        "Does who learns fast early end well? Kendall's tau over architectures of the same seed: "
        f"{'; '.join(parts)}."
    ]


def _predictors(evidence: pd.DataFrame) -> list[str]:
    means = _of(evidence, PREDICTION, "mean")
    if means.empty:
        return [
            "Whether predictors foretell cannot be said: no search left others unseen whose losses "
            "differ."
        ]
    lines = ["Do predictors foretell? Tau on architectures unseen by the search, mean over seeds:"]
    for (mode, kind), group in means.groupby(["mode", "architectures"], sort=False):
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


def _published(row: Row) -> str:
    what = f"Published {row['metric']} of {row['mode']}"
    difference, within = row["difference"], row["within_noise"]
    if pd.isna(difference):
        return f"{what}: {row['published']:g}; that of {row['reference']} is not known."
    verdict = "the spread of single runs is not known"
    if pd.notna(within):
        size = f"what two single runs differ by ({row['smallest_credible_difference']:.4f})"
        verdict = f"within {size}" if within else f"more than {size}"
    said = row["text_says"]
    agrees = difference < 0 if said == "lower" else difference > 0
    if pd.notna(said) and not agrees:
        verdict += f"; the paper's text says it is {said}"
    return f"{what} less that of {row['reference']}: {difference:+.4f}, {verdict}."


def _of(evidence: pd.DataFrame, assumption: str, seed: str) -> pd.DataFrame:
    return evidence[(evidence["assumption"] == assumption) & (evidence["seed"] == seed)]


def _rows(table: pd.DataFrame) -> list[dict[Any, Any]]:
    return table.to_dict("records")


def _difference(row: Row) -> str:
    if pd.isna(row["mean_difference"]):
        return "nothing to compare"
    p = "" if pd.isna(row["p"]) else f", p = {row['p']:.2g}"
    interval = _interval(row["interval_low"], row["interval_high"], "+z.4f")
    return f"{row['mean_difference']:+z.4f}{interval}{p}"


def _interval(low: float, high: float, form: str) -> str:
    return "" if pd.isna(low) else f" ({low:{form}} to {high:{form}})"
