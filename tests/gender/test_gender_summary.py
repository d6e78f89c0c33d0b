"""The answer in words: it says what the tables hold, and what cannot be said."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from crossbreed.config.published import Published
from crossbreed.config.schema import Study
from crossbreed.gender.results.effects import all_contrasts, differences
from crossbreed.gender.results.evidence import BASELINES, EVIDENCE, EVOLVED, PREDICTIONS
from crossbreed.gender.results.outcome import mode_table
from crossbreed.gender.results.published import published_differences
from crossbreed.gender.results.summary import MISSING, Tables, summary
from crossbreed.gender.results.winners import winners_table
from gender_tables import DECLARED, DESIGN, finals_table, individuals_table

NAN = np.nan
LABELS = {"baseline": "no search", **{mode: f"the {mode} ones" for mode in DESIGN}}
LOSSES = {
    "baseline": [1.5, 2.5, 3.5],
    "random_mating": [1.0, 2.0, 3.0],
    "male": [0.9, 1.9, 2.6],
    "female": [0.8, 1.6, 2.8],
    "combined": [0.6, 1.9, 2.2],
}


def evidence(table: bool = False) -> pd.DataFrame:
    """Return what was found on both assumptions; on a table, with its interval."""
    over = {"table_low": 0.05, "table_high": 0.85} if table else {}
    speed: dict[str, Any] = {"assumption": "early_speed", "predictor": "early_speed", "n": 3}
    tested: dict[str, Any] = {"assumption": "prediction", "mode": "combined", "seed": "mean"}
    tested |= {"interval_low": 0.1, "interval_high": 0.75, "n": 3, **over}
    rows: list[dict[str, Any]] = [
        speed | {"seed": "1", "tau": 0.99},
        speed | {"seed": "mean", "tau": -0.25, "interval_low": -0.5, "interval_high": 0.5} | over,
        tested | {"predictor": EVOLVED, "seed": "1", "tau": 0.98},
        tested | {"predictor": EVOLVED, "tau": 0.31},
        *(tested | {"predictor": name, "tau": 0.6 + n / 100} for n, name in enumerate(BASELINES)),
        *(tested | {"predictor": f"{EVOLVED} - {name}", "tau": 0.97} for name in BASELINES),
    ]
    return pd.DataFrame(rows, columns=EVIDENCE)


def by_share(*lows: float) -> pd.DataFrame:
    """Return taus of 0.2, 0.4, ... after a quarter, a half and all, and where intervals begin."""
    rows = [
        (name, share, times * place / 5, times * low)
        for name, times in (("summed_loss", 1), ("last_loss", 9))
        for place, (share, low) in enumerate(zip((0.25, 0.5, 1.0), lows, strict=True), start=1)
    ]
    return pd.DataFrame(rows, columns=["predictor", "share", "tau", "table_low"])


def predictors(*modes: str) -> pd.DataFrame:
    rows = [
        (seed, mode, name, f"formula of {mode} {seed}", number)
        for mode in modes
        for seed in (1, 2)
        for name in (EVOLVED, "last_loss")
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
    searched = {mode: known for mode, known in losses.items() if mode != "baseline"}
    finals = finals_table(losses).assign(edition=edition)
    individuals = individuals_table(searched or {"nobody": [1.0]})
    published = tables.pop("published", paper())
    contrasts = all_contrasts(list(labels), "baseline", DECLARED)
    given = {
        "table": mode_table(individuals, finals, labels, 0.9, published),
        "differences": differences(individuals, finals, list(labels), contrasts, 0.9, None),
        "published": published_differences(published, 0.95),
        "evidence": evidence(),
        "predictions": predictors("combined"),
        "winners": winners_table(individuals, finals),
        "by_share": None,
    }
    seeds = finals["seed"].nunique()
    return summary(Tables(**given | tables), labels, "baseline", "combined", seeds, 0.9)


def line(text: str, start: str) -> str:
    """Return the only line that starts so."""
    (only,) = [each for each in text.splitlines() if each.strip().startswith(start)]
    return only


def test_edition_is_named_and_another_than_the_canonical_one_is_warned_of() -> None:
    canonical, another = told(), told(edition="Gutenberg's tinyshakespeare")
    heading = "Gender study on {}: 3 search seeds, 90% intervals"
    assert canonical.startswith(heading.format("tinyshakespeare"))
    assert another.startswith(heading.format("Gutenberg's tinyshakespeare"))
    warning = "no loss here may be compared with the paper's"
    assert warning in another
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


def test_declared_contrasts_are_told_in_their_order() -> None:
    lines = told().splitlines()
    start = lines.index("Declared contrasts of that loss:")
    # Means of -0.15, 0.1, -0.5; of -0.25, -0.2, -0.3; of -0.1, 0.4, -0.2.
    for text, effect, mean in zip(
        lines[start + 2 : start + 5],
        ("male selection", "female selection", "interaction"),
        ("-0.1833 (", "-0.2500 (", "+0.0333 ("),
        strict=True,
    ):
        assert text.strip().startswith(effect)
        assert mean in text
    # Of -0.3, 0, -0.4.
    assert "-0.2333 (" in line(told(), "combined - male")


def test_intervals_over_the_table_stand_beside_those_over_seeds() -> None:
    searched = {mode: known for mode, known in LOSSES.items() if mode != "baseline"}
    contrasts = all_contrasts(list(LOSSES), "baseline", DECLARED)
    tables = individuals_table(searched), finals_table(LOSSES)
    table = differences(*tables, list(LOSSES), contrasts, 0.9, None)
    text = told(differences=table.assign(table_low=-0.5, table_high=0.25))
    assert ") (over the table -0.5000 to +0.2500), p = 0.044]" in line(text, LABELS["combined"])
    # Where seeds do not differ there is no interval over them.
    assert "-0.5000 (over the table -0.5000 to +0.2500)" in line(text, LABELS["random_mating"])
    assert "over the table" not in told()


def test_resolution_is_half_the_width_of_the_intervals() -> None:
    # t(0.95, 2) is 2.919986. Differences by the mode: -0.5 always; -0.6, -0.6, -0.9;
    # -0.7, -0.9, -0.7; -0.9, -0.6, -1.3. The first has no interval.
    halves = [
        2.919986 * np.std(tenths, ddof=1) / 3**0.5 for tenths in ([6, 6, 9], [7, 9, 7], [9, 6, 13])
    ]
    median = f"{sorted(halves)[1] / 10:.4f}"
    assert line(told(), "With 3 seeds") == (
        f"With 3 seeds, the wider intervals of differences from baseline are {median} wide to "
        "either side (median over modes); p values, over seeds alone, are not corrected for their "
        "number."
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


def test_contrasts_that_lack_their_modes_are_said_to_be_missing() -> None:
    text = told({mode: LOSSES[mode] for mode in ("baseline", "male")})
    assert "None of the declared contrasts has all of its modes in this study." in text
    assert "Declared contrasts" not in text


def test_missing_reference_is_named_and_contrasts_are_told_all_the_same() -> None:
    text = told({mode: LOSSES[mode] for mode in DESIGN})
    assert "No mode is called baseline" in text
    assert "-0.1833 (" in line(text, "male selection")
    assert "No mode is called" not in told()


def test_searches_are_ordered_by_what_they_found() -> None:
    text = line(told(), "Lowest loss found by a search")
    # Means over seeds of all that was found, and not of the winners' trainings anew.
    expected = "combined 1.5667, female 1.7333, male 1.8000, random_mating 2.0000."
    assert text.endswith(expected)
    assert line(told(), "The same at equal operations").endswith(expected)
    assert "Lowest loss found" not in told({"baseline": [1.0, 2.0]})


def test_assumptions_are_told_from_the_rows_that_are_meant() -> None:
    text = told()
    assert line(text, "Does who learns fast").endswith(
        "over architectures that nobody selected: -0.25 (-0.50 to +0.50)."
    )
    assert line(text, "combined: evolved").strip() == (
        "combined: evolved +0.31 (+0.10 to +0.75), parameters +0.60, last_loss +0.61, "
        "summed_loss +0.62, recent_loss +0.63, power_law +0.64, ridge +0.65"
    )
    over = told(evidence=evidence(table=True))
    assert "-0.25 (-0.50 to +0.50) (over the table +0.05 to +0.85)." in over
    assert "evolved +0.31 (+0.10 to +0.75) (over the table +0.05 to +0.85), parameters" in over


@pytest.mark.parametrize(
    ("lows", "when"),
    [((0.1, 0.51, 0.7), "from 50 % on"), ((0.1, 0.3, 0.5), "at no share examined")],
)
def test_share_from_which_the_end_is_told_is_named(lows: tuple[float, ...], when: str) -> None:
    assert line(told(by_share=by_share(*lows)), "How early?") == (
        "How early? Tau of the training loss summed so far: +0.20 at 25 %, +0.40 at "
        f"50 %, +0.60 at 100 %; surely above 0.5 {when}."
    )
    assert "How early?" not in told()


def test_assumptions_that_could_not_be_tested_are_said_to_be_so() -> None:
    text = told(evidence=evidence().iloc[:0], predictions=predictors())
    assert "Whether early speed tells the end cannot be said" in text
    assert "Whether predictors foretell cannot be said" in text
    assert "Best predictor" not in text


@pytest.mark.parametrize(
    ("modes", "shown"), [(("female", "combined"), "combined"), (("female", "male"), "female")]
)
def test_best_predictors_are_written_out_once_a_seed(modes: tuple[str, ...], shown: str) -> None:
    text = told(predictions=predictors(*modes))
    assert [each for each in text.splitlines() if each.startswith("Best predictor")] == [
        f"Best predictor of {shown}, seed {seed}: formula of {shown} {seed}" for seed in (1, 2)
    ]


def test_text_that_contradicts_the_papers_own_table_is_told(study: Study) -> None:
    text = line(told(published=study.published), "Published final_train_loss of combined")
    assert "+0.0032, within what two single runs differ by (0.0668)" in text
    assert text.endswith("; the paper's text says it is lower.")


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


def test_searches_whose_winner_is_a_founder_are_counted() -> None:
    winners = pd.DataFrame(
        {
            "mode": ["baseline", "male", "male", "female", "combined"],
            "wins": [3, 2, 1, 3, 3],
            "founder_wins": [3, 1, 1, 3, 0],
        }
    )
    # The baseline is no search.
    assert "Searches of 3 that found nothing better than a founder: male 2, female 3." in told(
        winners=winners
    )
    assert "founder" not in told(winners=winners.assign(founder_wins=0))
    alone = winners.drop_duplicates("mode").assign(founder_wins=[1, 1, 1, 0])
    said = "Modes whose search found nothing better than a founder: male, female."
    assert said in told({mode: losses[:1] for mode, losses in LOSSES.items()}, winners=alone)
