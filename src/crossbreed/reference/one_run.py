"""Whether results are all of one run, or a part of the study was run again since.

`snakemake crossover --config runs=3` after a whole run renews the tables, but neither the ledger
nor configuration and provenance. In a copy, times of files do not tell, so contents are compared.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from crossbreed.claims.ledger import as_table
from crossbreed.config.base import ConfigError
from crossbreed.config.compose import written_study
from crossbreed.config.messages import one_line
from crossbreed.errors import CrossbreedError
from crossbreed.index_page import cell
from crossbreed.reference.contents import CONDITIONS, LEDGER, PAGE
from crossbreed.reference.derived import judge_again
from crossbreed.reference.reading import read_table, sensible
from crossbreed.reference.settings import CONFIG, read_config

_TEXTS = ["source", "claim", "verdict"]
_NUMBERS = ["measured", "interval_low", "interval_high"]


def renewed(results: Path) -> list[str]:
    """Return in words which tables of results are not those of the whole run; none if all are.

    Claims are judged again from the tables. The conditions have no claims: their differences must
    be those that the page shows, where there is one.

    Parameters
    ----------
    results
        `results/<preset>`.

    Raises
    ------
    CrossbreedError
        If the results cannot be judged by this version of the code.
    """
    settings = read_config(results)
    try:
        study = written_study(settings)
    except ConfigError as error:
        raise CrossbreedError(
            f"{results / CONFIG}: is damaged or of another version ({one_line(error)})"
        ) from error
    ledger = read_table(results / LEDGER, _TEXTS, _NUMBERS)
    with sensible(results):
        judged = as_table(judge_again(results, study))
    found = [] if _same(ledger, judged) else [f"{LEDGER} does not follow from the tables"]
    page = results / PAGE
    if "conditions" in study.studies and page.is_file():
        values = read_table(results / CONDITIONS, numbers=["difference"])["difference"].dropna()
        shown = page.read_text(encoding="utf-8", errors="replace")
        if not all(f'"{cell(value, text=False).value}"' in shown for value in values):
            found.append(f"{PAGE} shows other numbers than {CONDITIONS}")
    return found


def _same(ledger: pd.DataFrame, judged: pd.DataFrame) -> bool:
    """Tell whether two ledgers are the same, but for what processors round in another way."""
    kept, made = (table.sort_values(_TEXTS[:2]) for table in (ledger, judged))
    if kept[_TEXTS].to_numpy().tolist() != made[_TEXTS].to_numpy().tolist():
        return False
    before, now = (table[_NUMBERS].to_numpy(np.float64) for table in (kept, made))
    return np.allclose(before, now, rtol=1e-6, atol=1e-12, equal_nan=True)
