"""A trunk that several studies share, cut where any of them needs it."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossbreed.lineage import TRUNK, Lineages, Segment
from crossbreed.sharing import SharedTrunk

DEFAULT = Lineages(12, {"baseline": [], "crossover": [6]}, [6, 12])
LONGER = Lineages(24, {"baseline": [], "crossover": [12]}, [12, 24])


def shared(*members: Lineages) -> SharedTrunk:
    trunk = SharedTrunk(members[0])
    for lineages in members[1:]:
        trunk.join(lineages)
    return trunk


def cuts(chain: list[Segment]) -> list[tuple[str, int, int]]:
    return [(segment.lineage, segment.start, segment.stop) for segment in chain]


@st.composite
def studies(draw: st.DrawFn) -> Lineages:
    epochs = draw(st.integers(2, 24))
    event_epochs = st.lists(st.integers(1, epochs - 1), unique=True, max_size=3).map(sorted)
    arms = draw(st.dictionaries(st.sampled_from("abc"), event_epochs, min_size=1))
    marks = [*draw(st.lists(st.integers(1, epochs), unique=True, max_size=2)), epochs]
    return Lineages(epochs, arms, marks, draw(st.none() | st.integers(1, epochs)))


members = st.lists(studies(), min_size=1, max_size=4)
anything = settings(deadline=None, max_examples=60)


def test_a_longer_study_goes_through_the_cuts_of_the_owner() -> None:
    trunk = shared(DEFAULT, LONGER)
    assert cuts(trunk.along(LONGER.chain("crossover"))) == [
        ("trunk", 0, 6),
        ("trunk", 6, 12),
        ("crossover", 12, 24),
    ]
    assert cuts(trunk.along(LONGER.chain("baseline")))[2:] == [("trunk", 12, 24)]


def test_a_shorter_study_does_not_count_epochs_twice() -> None:
    trunk = shared(LONGER, DEFAULT)
    # The owner goes to epoch 12 at once; what ends at 6 is trained for the shorter one's parents.
    assert cuts(trunk.along(DEFAULT.chain("baseline"))) == [("trunk", 0, 12)]
    assert cuts(trunk.along(DEFAULT.chain("crossover"))) == [
        ("trunk", 0, 6),
        ("crossover", 6, 12),
    ]


def test_no_segment_ends_where_no_study_needs_it() -> None:
    with pytest.raises(ValueError, match="no trunk ends at epoch 5"):
        shared(DEFAULT, LONGER).until(5)


@anything
@given(studies())
def test_a_trunk_that_is_not_shared_is_as_its_study_cuts_it(lineages: Lineages) -> None:
    for arm in lineages.events:
        assert SharedTrunk(lineages).along(lineages.chain(arm)) == lineages.chain(arm)


@anything
@given(members)
def test_every_arm_has_each_epoch_once_whoever_owns_the_trunk(given: list[Lineages]) -> None:
    trunk = shared(*given)
    for lineages in given:
        for arm in lineages.events:
            own, chain = lineages.chain(arm), trunk.along(lineages.chain(arm))
            assert chain[0].start == 0
            assert chain[-1].stop == lineages.epochs
            assert all(before.stop == after.start for before, after in pairwise(chain))
            bred = [segment for segment in own if segment.lineage != TRUNK]
            assert [segment for segment in chain if segment.lineage != TRUNK] == bred


@anything
@given(members)
def test_a_study_that_joins_changes_no_segment(given: list[Lineages]) -> None:
    for count in range(1, len(given)):
        before, after = shared(*given[:count]), shared(*given[: count + 1])
        for lineages in given[:count]:
            for arm in lineages.events:
                chain = lineages.chain(arm)
                assert after.along(chain) == before.along(chain)
