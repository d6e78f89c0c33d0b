"""Which modes are compared with which: the baseline, and the cells of the 2 x 2 design.

A name here is that of a file of `config/mode/`.
"""

from __future__ import annotations

BASELINE = "baseline"
# The paper's method: its predictors and its genealogy are shown, if it is there.
PAPER_MODE = "combined"
# Whether both kinds of selection are needed, and whether they pay at all.
PAIRS = tuple((PAPER_MODE, reference) for reference in ("male", "female", "random_mating"))
# Weights of the four cells of the 2 x 2 design. The interaction is by how much male selection
# changes more, or less, where there is female selection, too.
FACTORIAL: dict[str, dict[str, float]] = {
    "male_selection": {"random_mating": -0.5, "female": -0.5, "male": 0.5, "combined": 0.5},
    "female_selection": {"random_mating": -0.5, "male": -0.5, "female": 0.5, "combined": 0.5},
    "interaction": {"random_mating": 1, "male": -1, "female": -1, "combined": 1},
}
CELLS = tuple(FACTORIAL["interaction"])
