"""What was measured both in one's own study and in the reference, side by side."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import ValidationError

from crossbreed.config.claims import DifferenceOfModes, Source, Statistic
from crossbreed.crossover.results.summary import named
from crossbreed.errors import CrossbreedError
from crossbreed.gender.results.outcome import SPEEDS
from crossbreed.reference.contents import COMPARISON, CONDITIONS, DIFFERENCES, LEDGER
from crossbreed.reference.reading import read_table
from crossbreed.reference.settings import CONFIG, read_config
from crossbreed.report.claims.words import shown


class _Unit(NamedTuple):
    """How numbers are written: how many times as large, with how many digits."""

    name: str
    times: float
    digits: int


_PERCENT, _POINTS, _NATS = _Unit("%", 100, 1), _Unit("pp", 100, 1), _Unit("nats", 1, 3)

Agreement = Literal["overlap", "above", "below", "unknown"]


@dataclass(frozen=True)
class Value:
    """What was measured.

    Parameters
    ----------
    value, low, high
        The statistic and its interval; NaN where there is none.
    text
        The same for readers.
    verdict
        Of the claim it stands for; empty where it stands for none.
    """

    value: float
    low: float
    high: float
    text: str
    verdict: str = ""


@dataclass(frozen=True)
class Pair:
    """One statistic, measured twice.

    Parameters
    ----------
    group
        The source of the claim, or the study whose comparison it is.
    name
        What it is.
    own, reference
        Both measurements.
    of_the_machine
        Whether it says more of the machine than of the method, as seconds do.
    """

    group: str
    name: str
    own: Value
    reference: Value
    of_the_machine: bool = False

    @property
    def equal(self) -> bool:
        """Whether both numbers are the same to four digits."""
        return math.isclose(self.own.value, self.reference.value, rel_tol=1e-4)

    @property
    def agreement(self) -> Agreement:
        """Whether the intervals overlap, else where one's own lies; unknown if one is missing."""
        ends = (self.own.low, self.own.high, self.reference.low, self.reference.high)
        if any(math.isnan(end) for end in ends):
            return "unknown"
        if self.own.low > self.reference.high:
            return "above"
        return "below" if self.own.high < self.reference.low else "overlap"


def paired_claims(own: Path, reference: Path, studies: set[str]) -> list[Pair]:
    """Return the claims that both ledgers judge by the same statistic.

    Parameters
    ----------
    own, reference
        Folders of results.
    studies
        Those whose claims are wanted.

    Raises
    ------
    CrossbreedError
        If a folder holds no configuration, or a file that this version cannot read.
    """
    sources = [_sources(folder, studies) for folder in (own, reference)]
    ledgers = [
        _rows(folder / LEDGER, ["source", "claim"], "measured", ["verdict"])
        for folder in (own, reference)
    ]
    pairs = []
    for source, claim in _in_both(*ledgers):
        asked, other = (
            known[source].claims[claim].statistic
            if source in known and claim in known[source].claims
            else None
            for known in sources
        )
        if asked is None or asked != other:
            continue
        machine = isinstance(asked, DifferenceOfModes) and asked.metric in SPEEDS
        mine, theirs = (
            Value(*_ends(row, "measured"), _text(row, "measured", asked), row["verdict"])
            for row in (ledger[source, claim] for ledger in ledgers)
        )
        pairs.append(Pair(source, claim, mine, theirs, machine))
    return pairs


def paired_comparisons(own: Path, reference: Path, studies: set[str]) -> list[Pair]:
    """Return the comparisons of arms, modes, conditions that have intervals in both studies.

    Those of arms at their last epochs. Left out is what depends on the machine, such as seconds.

    Parameters
    ----------
    own, reference
        Folders of results.
    studies
        Those whose comparisons are wanted.

    Raises
    ------
    CrossbreedError
        If a table cannot be read.
    """
    of_study = {"crossover": _arms, "gender": _modes, "conditions": _conditions}
    pairs = [
        pair
        for study, paired in of_study.items()
        if study in studies
        for pair in paired(own, reference)
    ]
    return [pair for pair in pairs if pair.agreement != "unknown"]


def _arms(own: Path, reference: Path) -> Iterator[Pair]:
    tables = [_of_arms(folder) for folder in (own, reference)]
    for key in _in_both(*tables):
        yield _of_contrast("crossover", "", key, tables)


def _conditions(own: Path, reference: Path) -> Iterator[Pair]:
    names = ["condition", "arm", "reference", "metric"]
    tables = [
        _rows(folder / CONDITIONS, names, "difference", ["kind"]) for folder in (own, reference)
    ]
    for key in _in_both(*tables):
        yield _of_contrast("conditions", f"{key[0]}: ", key, tables)


def _of_contrast(study: str, prefix: str, key: Any, tables: list[dict[Any, Any]]) -> Pair:
    """Pair the difference of two arms, whose names and metric end the key."""
    *_, arm, other, metric = key
    unit = _PERCENT if tables[0][key]["kind"] == "relative" else _POINTS
    mine, theirs = (_value(rows[key], "difference", unit) for rows in tables)
    return Pair(study, f"{prefix}{arm} - {other}, {_words(metric)}", mine, theirs)


def _modes(own: Path, reference: Path) -> Iterator[Pair]:
    names = ["contrast", "metric"]
    tables = [_rows(folder / DIFFERENCES, names, "mean_difference") for folder in (own, reference)]
    for contrast, metric in _in_both(*tables):
        if metric not in SPEEDS:
            mine, theirs = (
                _value(rows[contrast, metric], "mean_difference", _NATS) for rows in tables
            )
            yield Pair("gender", f"{contrast}, {_words(metric)}", mine, theirs)


def _rows(
    path: Path, key: list[str], value: str, further: Sequence[str] = ()
) -> dict[Any, dict[str, Any]]:
    """Return the rows of a table by their key; none where there is no table."""
    if not path.is_file():
        return {}
    table = read_table(path, [*key, *further], [value, "interval_low", "interval_high"])
    rows = [{str(name): cell for name, cell in row.items()} for row in table.to_dict("records")]
    return {tuple(row[name] for name in key): row for row in rows}


def _of_arms(folder: Path) -> dict[Any, dict[str, Any]]:
    """Return the comparisons of arms at the last epoch."""
    names = ["arm", "reference", "metric", "epoch"]
    rows = _rows(folder / COMPARISON, names, "difference", ["kind"])
    last = max((epoch for *_, epoch in rows), default=0)
    return {tuple(key): row for (*key, epoch), row in rows.items() if epoch == last}


def _in_both(own: Mapping[Any, Any], reference: Mapping[Any, Any]) -> Iterator[Any]:
    return (key for key in own if key in reference)


def _sources(folder: Path, studies: set[str]) -> dict[str, Source]:
    claims = read_config(folder)["claims"]
    try:
        sources = {name: Source.model_validate(source) for name, source in claims.items()}
    except ValidationError as error:
        raise CrossbreedError(
            f"{folder / CONFIG}: its claims are of another version of crossbreed"
        ) from error
    return {name: source for name, source in sources.items() if source.study in studies}


def _ends(row: Mapping[str, Any], value: str) -> tuple[float, float, float]:
    return float(row[value]), float(row["interval_low"]), float(row["interval_high"])


def _text(row: Mapping[str, Any], value: str, asked: Statistic) -> str:
    middle, low, high = (shown(asked, end) for end in _ends(row, value))
    if math.isnan(row["interval_low"]):
        return middle
    return f"{middle} ({low.split()[0]} to {high})"


def _value(row: Mapping[str, Any], value: str, unit: _Unit) -> Value:
    middle, low, high = _ends(row, value)
    texts = [f"{unit.times * end:+.{unit.digits}f}" for end in (middle, low, high)]
    return Value(middle, low, high, "{} {name} ({} to {} {name})".format(*texts, name=unit.name))


def _words(metric: str) -> str:
    return named(metric).lower()
