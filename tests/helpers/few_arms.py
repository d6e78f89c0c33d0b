"""Results as a study of fewer arms leaves them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from crossbreed.storage.files import write_csv, write_text


def leave_arms(results: Path, arms: list[str]) -> None:
    """Take all other arms out of results; claims of these arms are then not measured."""
    settings = yaml.safe_load((results / "config.yaml").read_text())
    few = {"arms": arms, "arm": {name: settings["arm"][name] for name in arms}}
    write_text(results / "config.yaml", yaml.safe_dump({**settings, **few}, sort_keys=False))
    for path in (results / "crossover").glob("*.csv"):
        table = pd.read_csv(path)
        for side in {"arm", "reference"} & set(table.columns):
            table = table[table[side].isin(arms)]
        write_csv(path, table)
    path = results / "claims.csv"
    ledger = pd.read_csv(path)
    lost = np.array(
        [
            not _arms(settings["claims"][source]["claims"][claim]["statistic"]) <= {*arms}
            for source, claim in zip(ledger["source"], ledger["claim"], strict=True)
        ]
    )
    assert lost.any()
    ledger.loc[lost, "verdict"] = "inconclusive"
    ledger.loc[lost, "runs"] = 0
    ledger.loc[lost, ["measured", "interval_low", "interval_high", "p_value"]] = np.nan
    write_csv(path, ledger)


def _arms(statistic: dict[str, Any]) -> set[str]:
    return {statistic[side] for side in ("arm", "reference") if side in statistic}
