"""Tables and intervals as Markdown."""

from __future__ import annotations

import math
from collections.abc import Sequence

Cells = tuple[str, ...]


def table(heads: Cells, rows: Sequence[Cells]) -> str:
    """Return a table of text."""
    lines: list[Cells] = [heads, ("---",) * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def with_interval(ends: Sequence[float], digits: int, unit: str) -> str:
    """Write a difference and its interval (middle, low, high), left out where that is NaN."""
    middle, low, high = ends
    told = f"{middle:+.{digits}f} {unit}".rstrip()
    return told if math.isnan(low) else f"{told} ({low:+.{digits}f} to {high:+.{digits}f})"
