"""A trunk that several studies share: which segments it has, whichever study asks.

Studies that train alike before they breed may still cut that training at other epochs. The
population at an epoch and the learning curve beside it are one pair of files for all of them, so
where a segment begins must not depend on who asks for its end.
"""

from __future__ import annotations

from collections.abc import Sequence

from crossbreed.lineage import TRUNK, Lineages, Segment


class SharedTrunk:
    """The trunk of studies that train alike before they breed.

    The first study with a segment that ends at an epoch decides where that segment begins. A study
    that joins adds segments and changes none, so that nothing is trained again for it.

    Parameters
    ----------
    owner
        Lineages of the study in whose folder the trunk lies.
    """

    def __init__(self, owner: Lineages) -> None:
        self._members = [owner]

    def join(self, lineages: Lineages) -> None:
        """Let another study use the trunk."""
        self._members.append(lineages)

    def segment(self, stop: int) -> Segment:
        """Return the segment that ends at `stop`."""
        for lineages in self._members:
            try:
                return lineages.segment(TRUNK, stop)
            except ValueError:
                continue
        raise ValueError(f"no trunk ends at epoch {stop}")

    def until(self, stop: int) -> list[Segment]:
        """Return the segments from epoch 0 to `stop`, in order."""
        segments = [self.segment(stop)]
        while segments[0].start:
            # Whoever begins a segment there has one that ends there.
            segments.insert(0, self.segment(segments[0].start))
        return segments

    def along(self, chain: Sequence[Segment]) -> list[Segment]:
        """Return the segments of an arm as they are trained where the trunk is shared.

        Parameters
        ----------
        chain
            The arm's segments in its own study, see `Lineages.chain`.
        """
        trunk = [segment for segment in chain if segment.lineage == TRUNK]
        return [*self.until(trunk[-1].stop), *chain[len(trunk) :]]
