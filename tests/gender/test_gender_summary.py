"""The answer in words: it says what the tables hold, and what cannot be said."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from crossbreed.config.published import Published
from crossbreed.config.schema import Study
from crossbreed.gender.results.effects import differences
from crossbreed.gender.results.outcome import mode_table
from crossbreed.gender.results.predictor_evidence import EVIDENCE, PREDICTIONS
from crossbreed.gender.results.published import published_differences
from crossbreed.gender.results.summary import MISSING, Tables, summary
from crossbreed.gender.results.winners import winners_table
from gender_tables import CELLS, finals_table, individuals_table

NAN = np.nan
LABELS = {"baseline": "no search", **{mode: f"the {mode} ones" for mode in CELLS}}
LOSSES = {
    "baseline": [1.5, 2.5, 3.5],
    "random_mating": [1.0, 2.0, 3.0],
    "male": [0.9, 1.9, 2.6],
    "female": [0.8, 1.6, 2.8],
    "combined": [0.6, 1.9, 2.2],
}


def evidence() -> pd.DataFrame:
    speed: dict[str, Any] = {"assumption": "early_speed", "seed": "pooled", "n": 44}
    speed |= {"interval_low": 0.1, "interval_high": 0.75}
    told: dict[str, Any] = {"assumption": "prediction", "seed": "mean", "n": 3}
    told |= {"mode": "combined", "architectures": "unselected"}
    rows: list[dict[str, Any]] = [
        speed | {"architectures": "all", "tau": 0.5},
        speed | {"architectures": "unselected", "tau": -0.25, "n": 12},
        speed | {"architectures": "all", "tau": 0.99, "seed": "1"},
        told | {"predictor": "evolved", "tau": 0.31},
        told | {"predictor": "last_loss", "tau": 0.62},
        told | {"predictor": "oracle", "tau": 1.0},
        told | {"predictor": "shuffled_labels", "tau": 0.04, "percentile_95": 0.28},
        told | {"predictor": "evolved", "tau": 0.98, "seed": "pooled"},
    ]
    return pd.DataFrame(rows, columns=EVIDENCE)


def predictors(*modes: str) -> pd.DataFrame:
    rows = [
        (seed, mode, name, f"formula of {mode} {seed}", number)
        for mode in modes
        for seed in (1, 2)
        for name in ("evolved", "oracle")
        for number in range(3)
    ]
    known = pd.DataFrame(rows, columns=["seed", "mode", "predictor", "formula", "number"])
    return known.reindex(columns=PREDICTIONS)


def paper(**runs: dict[str, float]) -> Published:
    return Published.model_validate(
        {
            "reference": "baseline",
            "runs": {"baseline": {"final_train_loss": 1.0}, **runs},
            "text_says": {mode: {"final_train_loss": "lower"} for mode in runs},
            "spread": {"count": 5, "standard_deviation": {"final_train_loss": 0.1}},
        }
    )


def told(
    losses: dict[str, list[float]] = LOSSES, edition: str = "tinyshakespeare", **tables: Any
) -> str:
    """Return the summary of a study of these modes."""
    labels = {mode: LABELS[mode] for mode in losses}
    searched = {mode: found for mode, found in losses.items() if mode != "baseline"}
    finals = finals_table(losses).assign(edition=edition)
    individuals = individuals_table(searched or {"nobody": [1.0]})
    published = tables.pop("published", paper())
    given = {
        "table": mode_table(individuals, finals, labels, 0.9, published),
        "differences": differences(individuals, finals, list(labels), 0.9),
        "published": published_differences(published, 0.95),
        "evidence": evidence(),
        "predictions": predictors("combined"),
        "winners": winners_table(individuals, finals),
    }
    return summary(Tables(**given | tables), labels, finals["seed"].nunique(), 0.9)


def line(text: str, start: str) -> str:
    """Return the only line that starts so."""
    (found,) = [one for one in text.splitlines() if one.strip().startswith(start)]
    return found


def test_edition_is_named_and_another_than_the_canonical_one_is_warned_of() -> None:
    canonical, other = told(), told(edition="Gutenberg's tinyshakespeare")
    heading = "Gender study on {}: 3 search seeds, 90% intervals"
    assert canonical.startswith(heading.format("tinyshakespeare"))
    assert other.startswith(heading.format("Gutenberg's tinyshakespeare"))
    warning = "no loss here may be compared with the paper's"
    assert warning in other
    assert warning not in canonical
    assert warning in told(edition="tinyshakespeare and another")


def test_modes_are_told_with_their_difference_from_the_baseline() -> None:
    text = told()
    # Of 0.6, 1.9, 2.2 the mean is 1.5667; of the differences -0.9, -0.6, -1.3 it is -0.9333.
    combined = line(text, LABELS["combined"])
    assert "1.5667 (" in combined
    assert "[-0.9333 (" in combined
    # t of these three is -4.604 on 2 degrees of freedom.
    assert combined.endswith(", p = 0.044]")
    assert "[" not in line(text, LABELS["baseline"])


def test_effects_are_told_in_their_order() -> None:
    lines = told().splitlines()
    start = next(place for place, one in enumerate(lines) if "2 x 2 design" in one)
    # Means of -0.15, 0.1, -0.5; of -0.25, -0.2, -0.3; of -0.1, 0.4, -0.2.
    for one, effect, mean in zip(
        lines[start + 1 : start + 4],
        ("male selection", "female selection", "interaction"),
        ("-0.1833 (", "-0.2500 (", "+0.0333 ("),
        strict=True,
    ):
        assert one.strip().startswith(effect)
        assert mean in one


def test_resolution_is_half_the_width_of_the_intervals() -> None:
    # t(0.95, 2) is 2.919986. Differences by the mode: -0.5 always; -0.6, -0.6, -0.9;
    # -0.7, -0.9, -0.7; -0.9, -0.6, -1.3. The first has no interval.
    halves = [2.919986 * np.std(one, ddof=1) / 3**0.5 for one in ([6, 6, 9], [7, 9, 7], [9, 6, 13])]
    median = f"{sorted(halves)[1] / 10:.4f}"
    assert line(told(), "With 3 seeds, intervals") == (
        f"With 3 seeds, intervals of differences from the baseline are {median} wide to either "
        "side (median over modes); p values are not corrected for their number."
    )


def test_one_seed_is_said_to_tell_nothing_from_chance() -> None:
    text = told({mode: losses[:1] for mode, losses in LOSSES.items()})
    assert "1 search seed," in text
    assert "With one seed there is no interval" in text
    assert "p =" not in text.replace(line(text, "Does who learns"), "")


def test_diverged_trainings_are_named() -> None:
    text = told(LOSSES | {"male": [0.9, NAN, 2.6], "female": [NAN, NAN, NAN]})
    assert line(text, "Diverged").endswith("male: 2-2; female: 1-2 2-2 3-2.")
    assert MISSING in text
    assert line(text, LABELS["female"]).endswith("none  [nothing to compare]")
    assert MISSING not in told()
    assert "Diverged" not in told()


@pytest.mark.parametrize("cell", CELLS)
def test_missing_cells_are_named(cell: str) -> None:
    text = told({mode: losses for mode, losses in LOSSES.items() if mode != cell})
    assert f"cannot be said: the study lacks {cell}." in text
    assert "2 x 2" not in text


def test_missing_baseline_is_named_and_effects_are_told_all_the_same() -> None:
    text = told({mode: LOSSES[mode] for mode in CELLS})
    assert "No mode is called baseline" in text
    assert "-0.1833 (" in line(text, "male selection")
    assert "No mode is called" not in told()


def test_searches_are_ordered_by_what_they_found() -> None:
    found = line(told(), "Lowest loss found by a search")
    # Means over seeds of all that was found, and not of the winners' trainings anew.
    expected = "combined 1.5667, female 1.7333, male 1.8000, random_mating 2.0000."
    assert found.endswith(expected)
    assert line(told(), "The same at equal operations").endswith(expected)
    assert "Lowest loss found" not in told({"baseline": [1.0, 2.0]})


def test_assumptions_are_told_from_the_rows_that_are_meant() -> None:
    text = told()
    assert line(text, "Does who learns fast").endswith(
        ": all +0.50 (+0.10 to +0.75) of 44; unselected ones -0.25 (+0.10 to +0.75) of 12."
    )
    assert line(text, "combined (unselected)").strip() == (
        "combined (unselected): evolved +0.31, last_loss +0.62; females chosen by shuffled losses "
        "+0.04, 1 in 20 such means at or above +0.28"
    )


def test_assumptions_that_could_not_be_tested_are_said_to_be_so() -> None:
    text = told(evidence=evidence().iloc[:0], predictions=predictors())
    assert "Whether early speed tells the end cannot be said" in text
    assert "Whether predictors foretell cannot be said" in text
    assert "Best predictor" not in text


@pytest.mark.parametrize(
    ("modes", "shown"), [(("female", "combined"), "combined"), (("female", "other"), "female")]
)
def test_best_predictors_are_written_out_once_a_seed(modes: tuple[str, ...], shown: str) -> None:
    text = told(predictions=predictors(*modes))
    assert [one for one in text.splitlines() if one.startswith("Best predictor")] == [
        f"Best predictor of {shown}, seed {seed}: formula of {shown} {seed}" for seed in (1, 2)
    ]


def test_text_that_contradicts_the_papers_own_table_is_told(study: Study) -> None:
    found = line(told(published=study.published), "Published final_train_loss of combined")
    assert "+0.0032, within what two single runs differ by (0.0668)" in found
    assert found.endswith("; the paper's text says it is lower.")


@pytest.mark.parametrize(
    ("loss", "said"),
    [
        (0.9, "-0.1000, within what two single runs differ by (0.3926)."),
        (0.1, "-0.9000, more than what two single runs differ by (0.3926)."),
        (1.9, "+0.9000, more than what two single runs differ by (0.3926); "),
    ],
)
def test_published_difference_is_set_against_chance(loss: float, said: str) -> None:
    text = told(published=paper(male={"final_train_loss": loss}))
    assert said in line(text, "Published final_train_loss of male")


def test_modes_with_the_same_winner_are_named() -> None:
    winners = pd.DataFrame(
        {
            "seed": [1, 1, 1, 2, 2, 2],
            "mode": ["baseline", "male", "female"] * 2,
            "winner": [1, 2, 2, 1, 2, 3],
            "founder": [True, True, True, False, False, True],
        }
    )
    text = told(winners=winners)
    assert "same losses: seed 1: male = female." in text
    # The baseline is no search.
    assert "better than a founder: seed 1: male, female; seed 2: female." in text
    nothing = told(winners=winners.assign(winner=[1, 2, 3] * 2, founder=False))
    assert "same winner" not in nothing
    assert "founder" not in nothing
