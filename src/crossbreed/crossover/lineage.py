"""Which populations a study trains, and from which earlier population each goes on.

The part of an arm before its first event is the *trunk*. It is the same for all arms of a run, so
arms share its populations. From its first event on, an arm has a lineage of its own, named after
it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from crossbreed.config.arms import TRUNK


def node(lineage: str, epoch: int, file: str) -> str:
    """Return where a run keeps a file of a lineage at an epoch, within the run's folder."""
    return f"{lineage}/epoch-{epoch:04d}/{file}"


class Segment(NamedTuple):
    """A stretch of training: the population of `lineage` goes from epoch `start` to `stop`.

    `bred` says that it starts from the offspring of an event at `start`; `source` is the lineage
    that the population at `start` belongs to (before the event, where there is one).
    """

    lineage: str
    start: int
    stop: int
    source: str
    bred: bool


@dataclass(frozen=True)
class Lineages:
    """The chains of training segments of all arms of a run.

    Where a lineage is cut depends on the arm itself, on `evaluation_epochs` and on
    `segment_epochs`, never on other arms: adding an arm changes the training of none. The price is
    that a first event away from all other cuts has the trunk's epochs since the last cut trained
    once more for it, which gives the same numbers again.

    Parameters
    ----------
    epochs
        K, the last epoch.
    events
        For each arm, the epochs of its events, ascending, each in 1..K-1.
    evaluation_epochs
        Epochs at which every arm's population is wanted.
    segment_epochs
        The longest segment, None for no limit.
    """

    epochs: int
    events: Mapping[str, Sequence[int]]
    evaluation_epochs: Sequence[int]
    segment_epochs: int | None = None

    def chain(self, arm: str) -> list[Segment]:
        """Return the segments of an arm from epoch 0 to K, in order."""
        events = self.events[arm]
        branch = events[0] if events else self.epochs
        trunk_cuts = [epoch for epoch in self.common_cuts() if epoch < branch] + [branch]
        own_cuts = sorted({epoch for epoch in (*self.common_cuts(), *events) if epoch > branch})
        segments: list[Segment] = []
        start, source = 0, TRUNK
        for stop in trunk_cuts:
            segments.append(Segment(TRUNK, start, stop, source, bred=False))
            start = stop
        for stop in own_cuts:
            segments.append(Segment(arm, start, stop, source, bred=start in events))
            start, source = stop, arm
        return segments

    def until(self, arm: str, epoch: int) -> list[Segment]:
        """Return the segments of an arm up to `epoch`, at which one of them must end."""
        chain = [segment for segment in self.chain(arm) if segment.stop <= epoch]
        if not chain or chain[-1].stop != epoch:
            raise ValueError(f"arm {arm} has no population at epoch {epoch}")
        return chain

    def segment(self, lineage: str, stop: int) -> Segment:
        """Return the segment of a lineage that ends at `stop`."""
        for arm in self.events if lineage == TRUNK else (lineage,):
            for segment in self.chain(arm):
                if (segment.lineage, segment.stop) == (lineage, stop):
                    return segment
        raise ValueError(f"lineage {lineage} has no population at epoch {stop}")

    def event_index(self, arm: str, epoch: int) -> int:
        """Return which of an arm's events, counted from 0, happens at `epoch`."""
        return list(self.events[arm]).index(epoch)

    def common_cuts(self) -> list[int]:
        """Return the epochs at which every lineage is cut that is there."""
        step = self.segment_epochs or self.epochs
        return sorted({*range(step, self.epochs, step), *self.evaluation_epochs, self.epochs})
