"""Verdicts by where an interval lies."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossbreed.config.claims import Region
from crossbreed.statistics.verdict import Measured, Verdict, verdict

BELOW, ABOVE = Region(below=0), Region(above=0)
ends = st.tuples(st.floats(-2, 2), st.floats(-2, 2)).map(lambda pair: (min(pair), max(pair)))


def measured(low: float, high: float, runs: int = 9) -> Measured:
    return Measured((low + high) / 2, low, high, runs, math.nan)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (-0.4, 0.3, "equivalent"),
        # Though all of it lies where the claim holds, or none of it: the margin says what matters.
        (-0.4, -0.1, "equivalent"),
        (0.1, 0.4, "equivalent"),
        (-0.5, 0.1, "inconclusive"),
        (-0.1, 0.5, "inconclusive"),
        (-0.9, 0.9, "inconclusive"),
        (-0.9, -0.1, "supported"),
        (0.1, 0.9, "contradicted"),
        (math.nan, math.nan, "inconclusive"),
    ],
)
def test_verdicts_with_a_margin_of_a_half(low: float, high: float, expected: Verdict) -> None:
    assert verdict(measured(low, high), BELOW, margin=0.5) == expected


def test_too_few_runs_are_not_equivalent() -> None:
    got = measured(-0.1, 0.1, runs=4)
    assert verdict(got, BELOW, least_runs=5, margin=0.5) == "inconclusive"
    assert verdict(got, BELOW, least_runs=4, margin=0.5) == "equivalent"


@given(ends, st.floats(0.01, 2))
def test_a_margin_only_adds_the_verdict_equivalent(
    interval: tuple[float, float], margin: float
) -> None:
    got = measured(*interval)
    widest = max(map(abs, interval))
    for region in (BELOW, ABOVE):
        with_margin, without = verdict(got, region, margin=margin), verdict(got, region)
        assert without != "equivalent"
        assert with_margin == ("equivalent" if widest < margin else without)


@given(ends)
def test_what_supports_a_claim_contradicts_its_opposite(interval: tuple[float, float]) -> None:
    opposite = {"supported": "contradicted", "contradicted": "supported"}
    below, above = (verdict(measured(*interval), region) for region in (BELOW, ABOVE))
    # An end at 0 lies in neither region.
    if 0 not in interval:
        assert above == opposite.get(below, below)
