from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossbreed.breeding.lineage import TRUNK, Lineages, Segment, epoch_at


@st.composite
def studies(draw: st.DrawFn) -> Lineages:
    epochs = draw(st.integers(2, 30))
    event_epochs = st.lists(st.integers(1, epochs - 1), unique=True, max_size=4).map(sorted)
    arms = draw(st.dictionaries(st.sampled_from("abcd"), event_epochs, min_size=1))
    marks = [*draw(st.lists(st.integers(1, epochs), unique=True, max_size=3)), epochs]
    return Lineages(epochs, arms, marks, draw(st.none() | st.integers(1, epochs + 3)))


anything = settings(deadline=None, max_examples=40)


@pytest.mark.parametrize(
    ("fraction", "epochs", "expected"),
    [
        (0.5, 100, 50),
        (0.5, 5, 3),  # 2.5: halves go up, where Python's round would give 2
        (0.5, 7, 4),
        (0.24, 10, 2),
        (0.26, 10, 3),
        (1 / 3, 10, 3),
        (2 / 3, 10, 7),
        (0.3, 10, 3),  # 0.3 * 10 must not fall below 3
        (0.29, 50, 15),  # 14.5, though the product in binary is a little less
        (1.0, 12, 12),
        (0.01, 12, 0),
    ],
)
def test_epoch_nearest_to_a_fraction(fraction: float, epochs: int, expected: int) -> None:
    assert epoch_at(fraction, epochs) == expected


@given(st.integers(1, 9_999), st.data())
def test_every_epoch_is_reached_by_its_own_fraction(epochs: int, data: st.DataObject) -> None:
    epoch = data.draw(st.integers(0, epochs))
    assert epoch_at(epoch / epochs, epochs) == epoch


def test_baseline_is_trunk_to_the_end() -> None:
    assert Lineages(12, {"baseline": []}, [6, 12]).chain("baseline") == [
        Segment("trunk", 0, 6, "trunk", bred=False),
        Segment("trunk", 6, 12, "trunk", bred=False),
    ]


def test_arm_with_one_event_leaves_the_trunk_there() -> None:
    assert Lineages(12, {"crossover": [6]}, [6, 12]).chain("crossover") == [
        Segment("trunk", 0, 6, "trunk", bred=False),
        Segment("crossover", 6, 12, "trunk", bred=True),
    ]


def test_arm_with_several_events_goes_on_from_its_own_population() -> None:
    assert Lineages(12, {"many": [3, 6, 8]}, [6, 12]).chain("many") == [
        Segment("trunk", 0, 3, "trunk", bred=False),
        Segment("many", 3, 6, "trunk", bred=True),
        Segment("many", 6, 8, "many", bred=True),
        Segment("many", 8, 12, "many", bred=True),
    ]


def test_event_off_the_marks_cuts_its_own_arm_only() -> None:
    lineages = Lineages(12, {"baseline": [], "late": [8]}, [6, 12])
    assert lineages.chain("late") == [
        Segment("trunk", 0, 6, "trunk", bred=False),
        Segment("trunk", 6, 8, "trunk", bred=False),
        Segment("late", 8, 12, "trunk", bred=True),
    ]
    assert [segment.stop for segment in lineages.chain("baseline")] == [6, 12]


def test_mark_after_an_event_is_no_breeding() -> None:
    assert Lineages(12, {"early": [2]}, [6, 12]).chain("early") == [
        Segment("trunk", 0, 2, "trunk", bred=False),
        Segment("early", 2, 6, "trunk", bred=True),
        Segment("early", 6, 12, "early", bred=False),
    ]


def test_segment_epochs_cuts_trunk_and_arm_at_its_multiples() -> None:
    assert Lineages(12, {"crossover": [6]}, [6, 12], segment_epochs=5).chain("crossover") == [
        Segment("trunk", 0, 5, "trunk", bred=False),
        Segment("trunk", 5, 6, "trunk", bred=False),
        Segment("crossover", 6, 10, "trunk", bred=True),
        Segment("crossover", 10, 12, "crossover", bred=False),
    ]


def test_until_ends_before_the_event_of_its_epoch() -> None:
    lineages = Lineages(12, {"crossover": [6]}, [6, 12])
    assert lineages.until("crossover", 6) == [Segment("trunk", 0, 6, "trunk", bred=False)]
    assert lineages.until("crossover", 12) == lineages.chain("crossover")


def test_until_refuses_an_epoch_without_a_population() -> None:
    with pytest.raises(ValueError, match="arm crossover has no population at epoch 7"):
        Lineages(12, {"crossover": [6]}, [6, 12]).until("crossover", 7)


def test_segment_refuses_an_epoch_without_a_population() -> None:
    lineages = Lineages(12, {"crossover": [6]}, [6, 12])
    with pytest.raises(ValueError, match="lineage crossover has no population at epoch 6"):
        lineages.segment("crossover", 6)
    with pytest.raises(ValueError, match="lineage trunk has no population at epoch 12"):
        lineages.segment(TRUNK, 12)


def test_event_index_counts_an_arms_own_events() -> None:
    lineages = Lineages(12, {"many": [3, 6, 8]}, [12])
    assert [lineages.event_index("many", epoch) for epoch in (3, 6, 8)] == [0, 1, 2]


@anything
@given(studies())
def test_segments_are_contiguous_from_zero_to_the_last_epoch(lineages: Lineages) -> None:
    for arm in lineages.events:
        chain = lineages.chain(arm)
        assert chain[0].start == 0
        assert chain[-1].stop == lineages.epochs
        assert all(before.stop == after.start for before, after in pairwise(chain))
        assert all(segment.start < segment.stop for segment in chain)


@anything
@given(studies())
def test_segments_end_at_multiples_marks_and_own_events(lineages: Lineages) -> None:
    step = lineages.segment_epochs or lineages.epochs
    common = {epoch for epoch in range(1, lineages.epochs) if epoch % step == 0}
    for arm, events in lineages.events.items():
        stops = [segment.stop for segment in lineages.chain(arm)]
        assert stops == sorted(common | {*lineages.marks} | {*events})


@anything
@given(studies())
def test_arm_leaves_the_trunk_at_its_first_event_and_breeds_at_each(lineages: Lineages) -> None:
    for arm, events in lineages.events.items():
        chain = lineages.chain(arm)
        branch = min(events, default=lineages.epochs)
        assert [segment.lineage for segment in chain] == [
            TRUNK if segment.stop <= branch else arm for segment in chain
        ]
        assert [segment.start for segment in chain if segment.bred] == list(events)
        assert [segment.source for segment in chain] == [
            TRUNK,
            *(segment.lineage for segment in chain[:-1]),
        ]


@anything
@given(studies(), st.data())
def test_adding_an_arm_changes_no_other(lineages: Lineages, data: st.DataObject) -> None:
    added = data.draw(
        st.lists(st.integers(1, lineages.epochs - 1), unique=True, max_size=4).map(sorted)
    )
    more = replace(lineages, events={**lineages.events, "added": added})
    for arm in lineages.events:
        assert more.chain(arm) == lineages.chain(arm)
        for segment in lineages.chain(arm):
            assert more.segment(segment.lineage, segment.stop) == segment


@anything
@given(studies(), st.integers(1, 30))
def test_segment_epochs_limits_every_segment(lineages: Lineages, limit: int) -> None:
    for arm in lineages.events:
        chain = replace(lineages, segment_epochs=limit).chain(arm)
        assert all(segment.stop - segment.start <= limit for segment in chain)


@anything
@given(studies())
def test_one_population_has_one_past_whichever_arm_asks(lineages: Lineages) -> None:
    found: dict[tuple[str, int], Segment] = {}
    for arm in lineages.events:
        for segment in lineages.chain(arm):
            assert found.setdefault((segment.lineage, segment.stop), segment) == segment
            assert lineages.segment(segment.lineage, segment.stop) == segment
