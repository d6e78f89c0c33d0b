"""Published results, copied into the pages of README and docs between two marks."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd

_BLOCK = re.compile(r"(<!-- from (.+?) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
_CLAIM = ["statement", "holds if", "measured", "interval", "runs", "verdict"]


def fill(page: str, root: Path) -> str:
    """Return a page with its blocks of published results copied anew; all else stays.

    A block begins with the path of a file from `root`, a colon and what is wanted of it, and ends
    with `<!-- end -->`:

    - `<!-- from results/reference/laptop/claims.json: answer of poster -->`, or `claims of poster`;
    - `<!-- from results/reference/laptop/crossover/summary.txt: text -->`, all of it;
    - `<!-- from results/reference/laptop/gender/finals.csv: mode, seed; seed == 1 -->`: columns
      and, if not all, rows in the syntax of `pandas.DataFrame.query`.
    """
    return _BLOCK.sub(lambda block: f"{block[1]}{_copied(block[2], root)}\n{block[4]}", page)


def _copied(source: str, root: Path) -> str:
    name, _, wanted = source.partition(": ")
    path = root / name
    if path.suffix == ".txt":
        return f"```text\n{path.read_text(encoding='utf-8')}```"
    if path.suffix == ".json":
        kind, _, claimant = wanted.partition(" of ")
        sources = json.loads(path.read_text(encoding="utf-8"))
        claims = next(each for each in sources if each["source"] == claimant)
        if kind == "answer":
            return "\n".join(f"> {sentence}" for sentence in claims["answer"])
        return markdown(pd.DataFrame(claims["claims"])[_CLAIM])
    columns, _, rows = wanted.partition("; ")
    table = pd.read_csv(path).query(rows) if rows else pd.read_csv(path)
    return markdown(table[columns.split(", ")])


def markdown(table: pd.DataFrame) -> str:
    """Return a table as Markdown, fractions to three digits, nothing where there is no number."""
    rows = [
        [
            "" if pd.isna(cell) else f"{cell:.3g}" if isinstance(cell, float) else cell
            for cell in row
        ]
        for row in table.itertuples(index=False)
    ]
    lines = [
        [name.replace("_", " ") for name in table.columns],
        ["---"] * len(table.columns),
        *rows,
    ]
    return "\n".join(f"| {' | '.join(map(str, cells))} |" for cells in lines)
