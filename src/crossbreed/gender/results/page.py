"""The gender study's tables as a page that people read."""

from __future__ import annotations

import math
from collections.abc import Mapping
from html import escape
from typing import Any

import pandas as pd

from crossbreed.gender.results.cost import COSTS, SEARCH_LOSSES
from crossbreed.gender.results.early_speed import ASSUMPTION as EARLY_SPEED
from crossbreed.gender.results.outcome import LOSSES, METRICS
from crossbreed.gender.results.published import PUBLISHED_METRICS
from crossbreed.gender.results.summary import Tables
from crossbreed.page import page, table

_ABSENT = "none"
# How many digits tell networks apart.
_FORMS = {
    "training_minutes": ".3f",
    "tokens_per_second": ",.0f",
    "cached_tokens_per_second": ",.0f",
}
_INTRODUCTION = """<p>Means over search seeds with {confidence} t intervals. The first two
losses are measured as the paper does: on one batch with dropout on, and as the lowest of noisy
estimates. Those over whole splits, dropout off, are better evidence, though the searches chose on
the validation part. p values are not corrected for their number.</p>"""
_ARCHITECTURES = """<h3>Their architectures</h3>
<p>Modes of a seed with the same number found the same architecture.</p>"""
_PUBLISHED = """<h3>The paper's numbers, as far as they are known to us</h3>
<p>Of one run each.</p>"""
_EVIDENCE = """<p>Kendall's tau of what was foretold with the final losses of the same search seed:
1 is the true order, 0 what chance gives, and a predictor that says the same of all; where all
losses are the same there is no order to foretell. Each predictor was told only what is known early.
Rows of one search are on architectures that it has not seen. Regret: by how much the loss of the
foretold best is higher than that of the best. Of random and of shuffled_labels the interval holds
200 draws; n counts architectures, of a mean it counts seeds.</p>"""


def gender_page(tables: Tables, labels: Mapping[str, str], words: str, confidence: float) -> str:
    """Return a page with the answer in words and all tables.

    Parameters
    ----------
    tables
        See `summary.Tables`.
    labels
        The modes and their names for readers.
    words
        The answer in words, see `summary.summary`.
    confidence
        Level of all intervals.
    """
    rows = [
        {str(key): value for key, value in row.items()} for row in tables.table.to_dict("records")
    ]
    edition = str(tables.table["edition"].iloc[0])
    winners = [
        {"mode": labels[row["mode"]]} | {_name(metric): _mean(row, metric) for metric in METRICS}
        for row in rows
    ]
    published = [
        {"mode": labels[row["mode"]]}
        | {
            _name(metric): _shown(row[f"published_{metric}"], _form(metric))
            for metric in PUBLISHED_METRICS
        }
        for row in rows
    ]
    costs = [
        {"mode": labels[row["mode"]]}
        | {_name(loss): _mean(row, loss) for loss in SEARCH_LOSSES}
        | {_name(cost): _shown(row[cost], ".3g") for cost in COSTS}
        | {
            "parameters of winners": _shown(row["parameters"], ",.0f"),
            "flops per character": _shown(row["flops_per_token"], ".3g"),
        }
        for row in rows
    ]
    return page(
        "Gender study",
        [
            f"<h1>Gender study on {escape(edition)}</h1>",
            f"<pre>{escape(words)}</pre>",
            "<h2>Winners, trained anew</h2>",
            _INTRODUCTION.format(confidence=f"{100 * confidence:g}%"),
            table(pd.DataFrame(winners)),
            _ARCHITECTURES,
            table(_architectures(tables.winners, labels)),
            _PUBLISHED,
            table(pd.DataFrame(published)),
            "<h2>Searches: what they found, what they cost</h2>",
            table(pd.DataFrame(costs)),
            "<h2>Differences, paired by search seed</h2>",
            table(_differences(tables.differences, labels)),
            "<h2>Does who learns fast early end well? Do predictors foretell?</h2>",
            _EVIDENCE,
            table(_evidence(tables.evidence)),
        ],
    )


def _architectures(winners: pd.DataFrame, labels: Mapping[str, str]) -> pd.DataFrame:
    shown = winners.assign(
        mode=winners["mode"].map(labels),
        founder=winners["founder"].map({True: "yes", False: "no"}),
        dropout=winners["dropout"].map(lambda value: _shown(value, ".3f")),
        learning_rate=winners["learning_rate"].map(lambda value: _shown(value, ".2g")),
        parameters=winners["parameters"].map(lambda value: _shown(value, ",.0f")),
    )
    return shown.drop(columns="flops_per_token").rename(columns=_name)


def _differences(differences: pd.DataFrame, labels: Mapping[str, str]) -> pd.DataFrame:
    chosen = differences[differences["metric"].isin([*LOSSES, *SEARCH_LOSSES])]
    return pd.DataFrame(
        {
            "contrast": [
                " - ".join(labels.get(part, part.replace("_", " ")) for part in row.split(" - "))
                for row in chosen["contrast"]
            ],
            "loss": chosen["metric"].map(_name),
            "difference": chosen["mean_difference"].map(lambda value: _shown(value, "+z.4f")),
            "interval": [
                _interval(low, high, "+z.4f")
                for low, high in zip(chosen["interval_low"], chosen["interval_high"], strict=True)
            ],
            "p (paired t)": chosen["p"].map(lambda value: _shown(value, ".2g")),
            "seeds": chosen["n"].map(str),
        }
    )


def _evidence(evidence: pd.DataFrame) -> pd.DataFrame:
    chosen = evidence[evidence["seed"].isin(["mean", "pooled"])].reset_index()
    early = chosen["assumption"] == EARLY_SPEED
    return pd.DataFrame(
        {
            "what foretells": chosen["predictor"].where(~early, "early learning speed").map(_name),
            "search": chosen["mode"].where(~early, "all searches").map(_name),
            "architectures": chosen["architectures"].map(_name),
            "over seeds": chosen["seed"],
            "tau": chosen["tau"].map(lambda value: _shown(value, "+.2f")),
            "interval": [
                _interval(low, high, "+.2f")
                for low, high in zip(chosen["interval_low"], chosen["interval_high"], strict=True)
            ],
            "n": chosen["n"].map(str),
            "regret": chosen["regret_1"].map(lambda value: _shown(value, ".4f")),
        }
    )


def _name(key: str) -> str:
    return key.replace("_", " ")


def _form(metric: str) -> str:
    return _FORMS.get(metric, ".4f")


def _mean(row: Mapping[str, Any], metric: str) -> str:
    form = _form(metric)
    mean = _shown(row[f"{metric}_mean"], form)
    low, high = row[f"{metric}_low"], row[f"{metric}_high"]
    return mean if math.isnan(low) else f"{mean} ({_interval(low, high, form)})"


def _interval(low: float, high: float, form: str) -> str:
    return _ABSENT if math.isnan(low) else f"{low:{form}} to {high:{form}}"


def _shown(value: float, form: str) -> str:
    return _ABSENT if math.isnan(value) else f"{value:{form}}"
