"""The gender study's answer in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd

from crossbreed.gender.results.evidence import BASELINES, EARLY_SPEED, EVOLVED, PREDICTION

CANONICAL = "tinyshakespeare"
_METRIC = "final_validation_loss"
# A tau that the study's claims call accurate.
_ACCURATE = 0.5

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
    by_share: pd.DataFrame | None
    """None where searches trained for themselves."""


def summary(
    tables: Tables,
    labels: Mapping[str, str],
    reference: str,
    main: str,
    seeds: int,
    confidence: float,
) -> str:
    """Say in lines of text what the tables show.

    Parameters
    ----------
    tables, labels
        The study's; the modes and their names for readers.
    reference, main
        The mode that all are compared with; the one whose predictors are shown.
    seeds, confidence
        Number of search seeds; level of all intervals.
    """
    losses = tables.differences[tables.differences["metric"] == _METRIC]
    lines = [
        *_heading(tables.table, seeds, confidence),
        *_modes(tables.table, losses, labels, reference),
        *_diverged(tables.table),
        *_unbred(tables, seeds),
        *_effects(losses, labels, reference),
        *_resolution(losses, reference, seeds),
        *_equal_operations(tables.table),
        *_speed(tables.evidence),
        *_shares(tables.by_share),
        *_predictors(tables.evidence),
        *_formulas(tables.predictions, main),
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


def _modes(
    table: pd.DataFrame, losses: pd.DataFrame, labels: Mapping[str, str], reference: str
) -> list[str]:
    lines = [
        "Validation loss of the winners in trainings that their search has not seen (in brackets: "
        f"less {reference}, paired by seed):"
    ]
    width = max(map(len, labels.values()))
    for row in _rows(table):
        mean = "none"
        if pd.notna(row[f"{_METRIC}_mean"]):
            interval = _interval(row[f"{_METRIC}_low"], row[f"{_METRIC}_high"], ".4f")
            mean = f"{row[f'{_METRIC}_mean']:.4f}{interval}"
        differences = "".join(
            f"  [{_difference(difference)}]"
            for difference in _rows(losses[losses["contrast"] == f"{row['mode']} - {reference}"])
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


def _unbred(tables: Tables, seeds: int) -> list[str]:
    searched = tables.table.dropna(subset=["best_final_loss_mean"])["mode"].tolist()
    wins = tables.winners.groupby("mode")["founder_wins"].sum()
    unbred = [mode for mode in searched if wins.get(mode, 0)]
    if not unbred:
        return []
    if seeds == 1:
        return [f"Modes whose search found nothing better than a founder: {', '.join(unbred)}."]
    counts = [f"{mode} {wins[mode]}" for mode in unbred]
    return [f"Searches of {seeds} that found nothing better than a founder: {', '.join(counts)}."]


def _effects(losses: pd.DataFrame, modes: Mapping[str, str], reference: str) -> list[str]:
    lines = []
    if reference not in modes:
        lines.append(f"No mode is called {reference}, so none is compared with it.")
    declared = losses[~losses["contrast"].str.endswith(f" - {reference}")]
    if declared.empty:
        return [*lines, "None of the declared contrasts has all of its modes in this study."]
    lines.append("Declared contrasts of that loss:")
    width = declared["contrast"].str.len().max()
    for row in _rows(declared):
        lines.append(f"  {row['contrast'].replace('_', ' '):{width}}  {_difference(row)}")
    return lines


def _resolution(losses: pd.DataFrame, reference: str, seeds: int) -> list[str]:
    compared = losses[losses["contrast"].str.endswith(f" - {reference}")]
    if compared.empty:
        return []
    both = pd.DataFrame(
        {
            kind: (compared[f"{kind}_high"] - compared[f"{kind}_low"]) / 2
            for kind in ("interval", "table")
        }
    )
    widths = both.max(axis=1).dropna()
    if widths.empty:
        few = "one seed" if seeds == 1 else f"{seeds} seeds and these results"
        return [f"With {few} there is no interval: no difference can be told from chance."]
    if seeds == 1:
        return [
            f"With one seed there are intervals over the table alone, {widths.median():.4f} wide."
        ]
    return [
        f"With {seeds} seeds, the wider intervals of differences from {reference} are "
        f"{widths.median():.4f} wide to either side (median over modes); p values, over seeds "
        "alone, are not corrected for their number."
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
    means = _rows(_of(evidence, EARLY_SPEED, "mean").dropna(subset=["tau"]))
    if not means:
        return [
            "Whether early speed tells the end cannot be said: too few trained to the end, or all "
            "ended alike."
        ]
    (row,) = means
    return [
        "Does who learns fast early end well? Kendall's tau with the final loss, over "
        f"architectures that nobody selected: {row['tau']:+.2f}{_intervals(row, '+.2f')}."
    ]


def _shares(by_share: pd.DataFrame | None) -> list[str]:
    if by_share is None:
        return []
    early = by_share[by_share["predictor"] == "summed_loss"].sort_values("share")
    taus = ", ".join(f"{row['tau']:+.2f} at {100 * row['share']:g} %" for row in _rows(early))
    above = early["table_low"] > _ACCURATE
    # From where on all later shares are, too.
    sure = early[above[::-1].cummin()[::-1]]
    when = f"from {100 * sure['share'].min():g} % on" if len(sure) else "at no share examined"
    return [
        f"How early? Tau of the training loss summed so far: {taus}; surely above {_ACCURATE:g} "
        f"{when}."
    ]


def _predictors(evidence: pd.DataFrame) -> list[str]:
    means = _of(evidence, PREDICTION, "mean")
    if means.empty:
        return [
            "Whether predictors foretell cannot be said: no search left enough others unseen that "
            "nobody had selected."
        ]
    lines = ["Do predictors foretell? Tau on architectures unseen by the search, mean over seeds:"]
    for mode, group in means.groupby("mode", sort=False):
        rows = {row["predictor"]: row for row in _rows(group)}
        taus = ", ".join(
            f"{name} {rows[name]['tau']:+.2f}{_intervals(rows[name], '+.2f') * (name == EVOLVED)}"
            for name in (EVOLVED, *BASELINES)
        )
        lines.append(f"  {mode}: {taus}")
    return lines


def _formulas(predictions: pd.DataFrame, main: str) -> list[str]:
    evolved = predictions[predictions["predictor"] == EVOLVED]
    modes = list(evolved["mode"].unique())
    if not modes:
        return []
    mode = main if main in modes else modes[0]
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
    return f"{row['mean_difference']:+z.4f}{_intervals(row, '+z.4f')}{p}"


def _intervals(row: Row, form: str) -> str:
    """Write both intervals: over search seeds, and over the table."""
    seeds = _interval(row["interval_low"], row["interval_high"], form)
    table = _interval(row["table_low"], row["table_high"], form)
    return seeds + table.replace("(", "(over the table ")


def _interval(low: float, high: float, form: str) -> str:
    return "" if pd.isna(low) else f" ({low:{form}} to {high:{form}})"
