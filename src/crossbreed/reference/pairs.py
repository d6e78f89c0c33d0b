"""What was measured both in one's own study and in the reference, side by side."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Literal, NamedTuple

from crossbreed.config.claims import Claim, DifferenceOfModes
from crossbreed.crossover.results.summary import named
from crossbreed.gender.results.outcome import SPEEDS
from crossbreed.reference.contents import (
    COMPARISON,
    CONDITIONS,
    CONFIG,
    DIFFERENCES,
    LEDGER,
    read_config,
    read_table,
    readable,
)
from crossbreed.report.claims.words import shown

Folders = tuple[Path, Path]
"""One's own results and the reference."""
Row = Mapping[str, Any]
Agreement = Literal["overlap", "above", "below", "unknown"]


# By study: the table of its comparisons, the column of the difference, the columns that say what
# is compared beside `metric`, and how a row is called by these.
COMPARED = {
    "crossover": (COMPARISON, "difference", ["arm", "reference"], "{} - {}"),
    "gender": (DIFFERENCES, "mean_difference", ["contrast"], "{}"),
    "conditions": (CONDITIONS, "difference", ["condition", "arm", "reference"], "{}: {} - {}"),
}
# By the kind of a difference. Those of modes have none: no loss of theirs is set in relation.
_WRITTEN: dict[str, Callable[[float], str]] = {
    "relative": lambda value: f"{100 * value:+.1f} %",
    "absolute": lambda value: f"{100 * value:+.1f} pp",
    "": lambda value: f"{value:+.3f} nats",
}


class Value(NamedTuple):
    """A statistic and its interval, NaN where there is none; the same as text for readers."""

    value: float
    low: float
    high: float
    text: str


class Pair(NamedTuple):
    """One statistic, measured twice."""

    group: str
    """The source of the claim, or the study whose comparison it is."""
    name: str
    own: Value
    reference: Value
    verdicts: tuple[str, ...] = ()
    """On the claim, in both; empty for comparisons."""
    of_the_machine: bool = False
    """Whether it says more of the machine than of the method, as seconds do."""

    @property
    def equal(self) -> bool:
        """Whether both numbers are the same to four digits."""
        return math.isclose(self.own.value, self.reference.value, rel_tol=1e-4)

    @property
    def agreement(self) -> Agreement:
        """Whether the intervals overlap, else where one's own lies; unknown if one is missing."""
        if math.isnan(self.own.low + self.own.high + self.reference.low + self.reference.high):
            return "unknown"
        if self.own.low > self.reference.high:
            return "above"
        return "below" if self.own.high < self.reference.low else "overlap"


def paired_claims(folders: Folders, studies: Collection[str]) -> list[Pair]:
    """Return the claims of some studies that both ledgers judge by the same statistic."""
    sources, theirs = (read_config(folder)["claims"] for folder in folders)
    pairs = []
    for (source, name), *rows in _in_both(folders, LEDGER, ["source", "claim"]):
        claim = sources[source]["claims"][name]
        same = theirs.get(source, {}).get("claims", {}).get(name, {}).get("statistic")
        if sources[source]["study"] not in studies or claim["statistic"] != same:
            continue
        with readable(folders[0] / CONFIG):
            statistic = Claim.model_validate(claim).statistic
        own, reference = (_value(row, "measured", partial(shown, statistic)) for row in rows)
        verdicts = tuple(row["verdict"] for row in rows)
        machine = isinstance(statistic, DifferenceOfModes) and statistic.metric in SPEEDS
        pairs.append(Pair(source, name, own, reference, verdicts, machine))
    return pairs


def paired_comparisons(folders: Folders, studies: Collection[str]) -> list[Pair]:
    """Return the comparisons of arms, modes, conditions that have intervals in both studies.

    Those of arms at their last epochs. Left out is what depends on the machine, such as seconds.
    """
    pairs = []
    for study in (name for name in COMPARED if name in studies):
        file, column, keys, title = COMPARED[study]
        for (*names, metric), *rows in _in_both(folders, file, [*keys, "metric"]):
            if metric not in SPEEDS:
                write = _WRITTEN[rows[0].get("kind", "")]
                own, reference = (_value(row, column, write) for row in rows)
                name = f"{title.format(*names)}, {named(metric).lower()}"
                pairs.append(Pair(study, name, own, reference))
    return [pair for pair in pairs if pair.agreement != "unknown"]


def _in_both(folders: Folders, name: str, keys: list[str]) -> Iterator[tuple[Any, Row, Row]]:
    """Yield keys that rows of both tables have, with both rows; of arms, those of the last epoch.

    The table of conditions holds nothing but last epochs.
    """
    tables: list[dict[Any, Any]] = []
    for folder in folders:
        table = read_table(folder / name)
        with readable(folder / name):
            if name == COMPARISON:
                table = table[table["epoch"] == table["epoch"].max()]
            tables.append(table.set_index(keys).to_dict("index"))
    own, reference = tables
    yield from ((names, own[names], reference[names]) for names in own if names in reference)


def _value(row: Row, column: str, write: Callable[[float], str]) -> Value:
    """Return a statistic with its interval; with the wider of two, by which claims are judged."""
    value, low, high = (float(row[name]) for name in (column, "interval_low", "interval_high"))
    table_low, table_high = (float(row.get(f"table_{end}", math.nan)) for end in ("low", "high"))
    if table_high - table_low > high - low or math.isnan(low):
        low, high = table_low, table_high
    text = write(value)
    if not math.isnan(low):
        text += f" ({write(low).split()[0]} to {write(high)})"
    return Value(value, low, high, text)
