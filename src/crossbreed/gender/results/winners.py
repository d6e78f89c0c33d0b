"""Which architectures won, and how often."""

from __future__ import annotations

import pandas as pd

from crossbreed.config.gender_checks import FOUNDERS
from crossbreed.config.language import Transformer

_GENES = list(Transformer.model_fields)


def winners_table(individuals: pd.DataFrame, finals: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each mode and architecture that won a search of it, the most frequent first.

    Returns
    -------
    DataFrame
        mode; wins, in how many search seeds; founder_wins, in how many of these a founder of the
        seed has that architecture, so that no breeding was needed to find it; validation_loss, the
        mean of its trainings here, in nats per character; the genes; parameters, flops_per_token.
    """
    first = individuals.loc[individuals["generation"] == 0, ["mode", "seed", *_GENES]]
    founders = first.drop_duplicates().rename(columns={"mode": "founders"}).assign(founder=True)
    won = finals.drop_duplicates(["mode", "seed"])
    # Some modes have founders of their own.
    whose = won["mode"].where(won["mode"].isin(founders["founders"]), FOUNDERS)
    won = won.assign(founders=whose).merge(founders, how="left", on=["founders", "seed", *_GENES])
    grouped = won.groupby(["mode", *_GENES], sort=False)
    table = grouped.agg(
        wins=("seed", "size"),
        founder_wins=("founder", "count"),
        parameters=("parameters", "first"),
        flops_per_token=("flops_per_token", "first"),
    )
    losses = finals.groupby(["mode", *_GENES])["validation_loss"].mean()
    table = table.join(losses).reset_index()
    modes = table["mode"].map({mode: place for place, mode in enumerate(finals["mode"].unique())})
    order = pd.DataFrame({"mode": modes, "wins": -table["wins"]}).sort_values(
        ["mode", "wins"], kind="stable"
    )
    columns = ["mode", "wins", "founder_wins", "validation_loss", *_GENES]
    return table.loc[order.index, [*columns, "parameters", "flops_per_token"]].reset_index(
        drop=True
    )
