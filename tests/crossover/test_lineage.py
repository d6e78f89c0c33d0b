"""Which segments a study trains, known by hand and as properties of any study."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossbreed.config.arms import TRUNK, epoch_at
from crossbreed.crossover.lineage import Lineages, Segment


@st.composite
def studies(draw: st.DrawFn) -> Lineages:
    epochs = draw(st.integers(2, 30))
    event_epochs = st.lists(st.integers(1, epochs - 1), unique=True, max_size=4).map(sorted)
    arms = draw(st.dictionaries(st.sampled_from("abcd"), event_epochs, min_size=1))
    evaluated = [*draw(st.lists(st.integers(1, epochs), unique=True, max_size=3)), epochs]
    return Lineages(epochs, arms, evaluated, draw(st.none() | st.integers(1, epochs + 3)))


anything = settings(deadline=None, max_examples=40)


@pytest.mark.parametrize(
    ("fraction", "epochs", "expected"),
    [
        (0.5, 100, 50),
        (0.5, 5, 3),  # 2.5: halves go up, where Python's round would give 2
        (1 / 3, 10, 3),
        (0.3, 10, 3),  # 0.3 * 10 must not fall below 3
        (0.29, 50, 15),  # 14.5, though the product in binary is a little less
        (1.0, 12, 12),
        (0.01, 12, 0),
    ],
)
def test_epoch_nearest_to_a_fraction(fraction: float, epochs: int, expected: int) -> None:
    assert epoch_at(fraction, epochs) == expected


@given(st.integers(1, 9_999), st.data())
def test_every_epoch_is_named_by_its_own_fraction(epochs: int, data: st.DataObject) -> None:
    epoch = data.draw(st.integers(0, epochs))
    assert epoch_at(epoch / epochs, epochs) == epoch


def trunk(start: int, stop: int) -> Segment:
    return Segment(TRUNK, start, stop, TRUNK, bred=False)


@pytest.mark.parametrize(
    ("events", "segment_epochs", "expected"),
    [
        ([], None, [trunk(0, 6), trunk(6, 12)]),
        ([6], None, [trunk(0, 6), Segment("arm", 6, 12, TRUNK, bred=True)]),
        (
            [3, 6, 8],
            None,
            [
                trunk(0, 3),
                Segment("arm", 3, 6, TRUNK, bred=True),
                Segment("arm", 6, 8, "arm", bred=True),
                Segment("arm", 8, 12, "arm", bred=True),
            ],
        ),
        ([8], None, [trunk(0, 6), trunk(6, 8), Segment("arm", 8, 12, TRUNK, bred=True)]),
        (
            [2],
            None,
            [
                trunk(0, 2),
                Segment("arm", 2, 6, TRUNK, bred=True),
                Segment("arm", 6, 12, "arm", bred=False),
            ],
        ),
        (
            [6],
            5,
            [
                trunk(0, 5),
                trunk(5, 6),
                Segment("arm", 6, 10, TRUNK, bred=True),
                Segment("arm", 10, 12, "arm", bred=False),
            ],
        ),
    ],
    ids=["baseline", "one event", "several", "between evaluations", "evaluation after", "segments"],
)
def test_chain_by_hand(
    events: list[int], segment_epochs: int | None, expected: list[Segment]
) -> None:
    assert Lineages(12, {"arm": events}, [6, 12], segment_epochs).chain("arm") == expected


def test_until_ends_before_the_event_of_its_epoch() -> None:
    lineages = Lineages(12, {"crossover": [6]}, [6, 12])
    assert lineages.until("crossover", 6) == [trunk(0, 6)]
    assert lineages.until("crossover", 12) == lineages.chain("crossover")
    with pytest.raises(ValueError, match="arm crossover has no population at epoch 7"):
        lineages.until("crossover", 7)


def test_segment_refuses_an_epoch_without_a_population() -> None:
    lineages = Lineages(12, {"crossover": [6]}, [6, 12])
    for lineage, epoch in (("crossover", 6), (TRUNK, 12)):
        message = f"lineage {lineage} has no population at epoch {epoch}"
        with pytest.raises(ValueError, match=message):
            lineages.segment(lineage, epoch)


def test_event_index_counts_an_arms_own_events() -> None:
    lineages = Lineages(12, {"many": [3, 6, 8]}, [12])
    assert [lineages.event_index("many", epoch) for epoch in (3, 6, 8)] == [0, 1, 2]


@anything
@given(studies())
def test_segments_join_and_end_at_multiples_evaluations_and_own_events(lineages: Lineages) -> None:
    step = lineages.segment_epochs or lineages.epochs
    common = {epoch for epoch in range(1, lineages.epochs) if epoch % step == 0}
    for arm, events in lineages.events.items():
        chain = lineages.chain(arm)
        assert chain[0].start == 0
        assert all(before.stop == after.start for before, after in pairwise(chain))
        stops = [segment.stop for segment in chain]
        assert stops == sorted(common | {*lineages.evaluation_epochs} | {*events})


@anything
@given(studies())
def test_arm_leaves_the_trunk_at_its_first_event_and_breeds_at_each(lineages: Lineages) -> None:
    for arm, events in lineages.events.items():
        chain = lineages.chain(arm)
        branch = min(events, default=lineages.epochs)
        expected = [TRUNK if segment.stop <= branch else arm for segment in chain]
        assert [segment.lineage for segment in chain] == expected
        assert [segment.start for segment in chain if segment.bred] == list(events)
        assert [segment.source for segment in chain] == [TRUNK, *expected[:-1]]


@anything
@given(studies(), st.data())
def test_adding_an_arm_changes_no_other(lineages: Lineages, data: st.DataObject) -> None:
    epochs = st.lists(st.integers(1, lineages.epochs - 1), unique=True, max_size=4)
    added = data.draw(epochs.map(sorted))
    more = replace(lineages, events={**lineages.events, "added": added})
    for arm in lineages.events:
        assert more.chain(arm) == lineages.chain(arm)
        for segment in lineages.chain(arm):
            assert more.segment(segment.lineage, segment.stop) == segment
