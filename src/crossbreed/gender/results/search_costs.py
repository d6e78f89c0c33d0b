"""What searches have spent, and what they had found by then."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crossbreed.config.gender_checks import FOUNDERS

COSTS = ("search_tokens", "search_flops", "search_minutes")
SEARCH_LOSSES = ("best_final_loss", "best_final_loss_equal_flops")
# Beyond this share of a budget, a cost is above it and not merely rounded.
_ROUNDING = 1e-9


class SearchCourse(NamedTuple):
    """One search, training by training, the founders' included; shape [individuals] each."""

    tokens: NDArray[np.float64]
    flops: NDArray[np.float64]
    seconds: NDArray[np.float64]
    """As tokens and flops: spent so far."""
    best: NDArray[np.float64]
    """The lowest final loss so far in nats per character; NaN until there is one."""
    shown: NDArray[np.float64]
    """Of the individual that has it, the loss in trainings that the search has not seen, where
    there are such; else its final loss."""

    def best_within(self, flops: float) -> float:
        """Return the lowest final loss that so many operations have paid for; NaN if none."""
        paid = int(np.searchsorted(self.flops, flops * (1 + _ROUNDING), side="right"))
        return float(self.best[paid - 1]) if paid else float("nan")


def searching_modes(individuals: pd.DataFrame, modes: Sequence[str]) -> list[str]:
    """Return those of the modes that search, in their order."""
    return [mode for mode in modes if (individuals["mode"] == mode).any()]


def lineage(individuals: pd.DataFrame, mode: str, seed: int) -> pd.DataFrame:
    """Return the rows of a search, its founders' included, shared or its own."""
    of_seed = individuals[individuals["seed"] == seed]
    own = of_seed[of_seed["mode"] == mode]
    if (own["generation"] == 0).any():
        return own
    return pd.concat([of_seed[of_seed["mode"] == FOUNDERS], own])


def search_course(individuals: pd.DataFrame, mode: str, seed: int) -> SearchCourse:
    """Return how a search went on, in the order in which its trainings are to be paid for.

    That is generation by generation; in each, first those that were given up early, as all are
    trained early before any goes on, then those that were trained to the end, the most promising
    first. The table has one cost per individual, so of those that were trained to the end the
    early part counts with the rest.
    """
    own = lineage(individuals, mode, seed).sort_values(
        ["generation", "finished", "foretold_rank", "number"], na_position="first"
    )
    losses = own["final_loss"].to_numpy(np.float64)
    known = np.where(np.isfinite(losses), losses, np.inf)
    best = np.minimum.accumulate(known)
    # The position of the best so far: the last at which the minimum fell.
    falls = best < np.concatenate([[np.inf], best[:-1]])
    leader = np.maximum.accumulate(np.where(falls, np.arange(len(best)), 0))
    held_out = own["held_out_loss"] if "held_out_loss" in own else own["final_loss"]
    return SearchCourse(
        tokens=own["tokens"].to_numpy(np.float64).cumsum(),
        flops=own["flops"].to_numpy(np.float64).cumsum(),
        seconds=own["seconds"].to_numpy(np.float64).cumsum(),
        best=np.where(np.isfinite(best), best, np.nan),
        shown=np.where(np.isfinite(best), held_out.to_numpy(np.float64)[leader], np.nan),
    )


def search_costs(individuals: pd.DataFrame, modes: Sequence[str]) -> pd.DataFrame:
    """Return what each search cost and found, a row for each mode that searches and each seed.

    Its columns are mode, seed, search_tokens, search_flops, search_minutes, best_final_loss (with
    all of its budget) and best_final_loss_equal_flops (within the operations that every searching
    mode of the seed has spent).
    """
    searching = searching_modes(individuals, modes)
    rows = []
    # Seed by seed, as each search is looked up among all individuals.
    for _, of_seed in individuals.groupby("seed"):
        seed = int(of_seed["seed"].iloc[0])
        searches = {mode: search_course(of_seed, mode, seed) for mode in searching}
        shared = min((search.flops[-1] for search in searches.values()), default=0.0)
        rows += [
            {
                "mode": mode,
                "seed": seed,
                "search_tokens": search.tokens[-1],
                "search_flops": search.flops[-1],
                "search_minutes": search.seconds[-1] / 60,
                "best_final_loss": search.best[-1],
                "best_final_loss_equal_flops": search.best_within(shared),
            }
            for mode, search in searches.items()
        ]
    return pd.DataFrame(rows, columns=["mode", "seed", *COSTS, *SEARCH_LOSSES])
