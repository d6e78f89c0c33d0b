"""Claims about the gender study: from which of its intervals, and what the paper's table prints."""

from __future__ import annotations

import math
from typing import Any

import pytest

from crossbreed.config.claims import (
    DifferenceOfModes,
    PublishedDifference,
    PublishedRank,
    RankAgreement,
    Region,
)
from crossbreed.config.schema import Study
from crossbreed.gender.results.claims import (
    GenderResults,
    difference_of_modes,
    published_difference,
    published_rank,
    rank_agreement,
)
from crossbreed.report.claims.ledger import judge
from crossbreed.report.claims.words import answer, interval
from crossbreed.statistics.verdict import NOTHING, verdict
from gender_claims import gender_results

NAN = math.nan


@pytest.fixture
def gender(study: Study) -> GenderResults:
    return gender_results(study)


MODES = DifferenceOfModes(
    kind="difference_of_modes", contrast="combined - baseline", metric="final_train_loss"
)


def test_statistics_of_the_gender_study_are_those_of_its_tables(gender: GenderResults) -> None:
    assert difference_of_modes(MODES, gender) == (-0.2, -0.3, -0.1, 3, 0.01, "search seeds")
    assert difference_of_modes(MODES.model_copy(update={"metric": "x"}), gender) == NOTHING
    paper = PublishedDifference(
        kind="published_difference", mode="combined", metric="final_train_loss"
    )
    # t(0.975, 4) is 2.776445.
    noise = 2.776445 * 2**0.5 * 0.017
    assert published_difference(paper, gender)[:3] == pytest.approx(
        (0.0032, 0.0032 - noise, 0.0032 + noise)
    )
    speed = RankAgreement(kind="rank_agreement", assumption="early_speed", predictor="early_speed")
    assert rank_agreement(speed, gender)[:4] == (0.75, 0.6, 0.9, 3)
    more = RankAgreement(
        kind="rank_agreement",
        assumption="prediction",
        mode="combined",
        predictor="evolved",
        less="last_loss",
    )
    got = rank_agreement(more, gender)
    assert got[:4] == (0.01, -0.02, 0.04, 3)
    assert math.isnan(got.p)
    assert rank_agreement(more.model_copy(update={"mode": "female"}), gender) == NOTHING


@pytest.mark.parametrize(
    ("seeds", "table", "over"),
    [
        ((-0.3, -0.1), (-0.5, 0.1), "table"),
        ((-0.3, -0.1), (-0.25, -0.15), "search seeds"),
        ((NAN, NAN), (-0.25, -0.15), "table"),
        ((-0.3, -0.1), (NAN, NAN), "search seeds"),
    ],
)
def test_the_wider_interval_decides_and_is_named(
    gender: GenderResults, seeds: tuple[float, float], table: tuple[float, float], over: str
) -> None:
    ends = ["interval_low", "interval_high", "table_low", "table_high"]
    changed = gender.differences.assign(**dict(zip(ends, (*seeds, *table), strict=True)))
    got = difference_of_modes(MODES, gender._replace(differences=changed))
    assert ((got.low, got.high), got.over) == (table if over == "table" else seeds, over)
    speed = RankAgreement(kind="rank_agreement", assumption="early_speed", predictor="early_speed")
    taus = gender.evidence.assign(**dict(zip(ends, (*seeds, *table), strict=True)))
    got = rank_agreement(speed, gender._replace(evidence=taus))
    assert ((got.low, got.high), got.over) == (table if over == "table" else seeds, over)


def test_where_neither_seeds_nor_table_differ_there_is_no_interval(gender: GenderResults) -> None:
    same = gender.differences.assign(interval_low=NAN, interval_high=NAN, mean_difference=0.0)
    got = difference_of_modes(MODES, gender._replace(differences=same))
    assert got.value == 0
    assert math.isnan(got.low)
    assert verdict(got, Region(below=0), 3, 0.01) == "inconclusive"


@pytest.mark.parametrize(
    ("metric", "best", "rank"),
    [
        ("final_train_loss", "lowest", 2),
        ("best_validation_loss", "lowest", 4),
        ("training_minutes", "lowest", 4),
        ("tokens_per_second", "highest", 4),
        ("tokens_per_second", "lowest", 1),
    ],
)
def test_combined_is_not_first_in_the_papers_own_table(
    gender: GenderResults, metric: Any, best: Any, rank: int
) -> None:
    claim = PublishedRank(kind="published_rank", mode="combined", metric=metric, best=best)
    got = published_rank(claim, gender)
    assert got[:4] == (rank, rank, rank, 4)
    assert verdict(got, Region(below=1.5)) == ("supported" if rank == 1 else "contradicted")
    absent = claim.model_copy(update={"mode": "random_search"})
    assert published_rank(absent, gender) == NOTHING


def test_equal_published_numbers_share_a_rank(gender: GenderResults) -> None:
    claim = PublishedRank(
        kind="published_rank", mode="combined", metric="final_train_loss", best="lowest"
    )
    table = gender.published.assign(published=0.8153)
    assert published_rank(claim, gender._replace(published=table)).value == 1


def test_differences_of_modes_of_two_seeds_are_inconclusive(
    study: Study, gender: GenderResults
) -> None:
    few = gender._replace(differences=gender.differences.assign(n=2))
    judged = judge({"paper": study.claims["paper"]}, None, few, 0.95)
    verdicts = {entry.name: entry.verdict for entry in judged}
    assert verdicts["combined_lower_training_loss"] == "inconclusive"
    # Whatever this study has, the paper's own table is what it is.
    assert verdicts["table_combined_best_training_loss"] == "contradicted"


def test_main_claim_that_is_equivalent_is_answered_so(study: Study, gender: GenderResults) -> None:
    near = {"mean_difference": -0.001, "table_low": -0.008, "table_high": 0.006}
    tables = gender._replace(
        differences=gender.differences.assign(interval_low=-0.002, interval_high=0.0, **near)
    )
    source = study.claims["paper"]
    judged = judge({"paper": source}, None, tables, 0.95)
    assert judged[0].verdict == "equivalent"
    assert interval(judged[0]) == "-0.008 to +0.006 nats, over table"
    first, _ = answer(source, judged, 0.95)
    assert "is not supported: differences of less than 0.010 nats count as none" in first
