"""Verdicts follow their declared rules, from results whose answer is known."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from scipy import stats

from crossbreed.config.claims import (
    DifferenceOfArms,
    DifferenceOfModes,
    PublishedDifference,
    QuantileOfRuns,
    RankAgreement,
    Region,
    ShareInHalf,
    Source,
)
from crossbreed.config.schema import Study
from crossbreed.crossover.results.claims import (
    CrossoverResults,
    difference_of_arms,
    quantile_of_runs,
    share_in_half,
)
from crossbreed.crossover.results.time_to_target import reached, times_to_targets
from crossbreed.gender.results.claims import (
    GenderResults,
    difference_of_modes,
    published_difference,
    rank_agreement,
)
from crossbreed.report.claims.ledger import COLUMNS, as_table, digests, judge
from crossbreed.report.claims.page import claims_content, lines
from crossbreed.report.claims.words import answer, interval, rule, shown
from crossbreed.statistics.verdict import NOTHING, Measured, verdict
from paired_tables import by_epoch, rows

NAN = math.nan


@pytest.mark.parametrize(
    ("low", "high", "holds", "wanted"),
    [
        (-0.2, -0.1, {"below": 0}, "supported"),
        (-0.1, 0.1, {"below": 0}, "inconclusive"),
        (0.0, 0.1, {"below": 0}, "contradicted"),
        (0.6, 0.9, {"above": 0.5}, "supported"),
        (-0.11, -0.07, {"above": -0.12, "below": -0.06}, "supported"),
        (-0.13, -0.07, {"above": -0.12, "below": -0.06}, "inconclusive"),
        (-0.5, -0.2, {"above": -0.12, "below": -0.06}, "contradicted"),
        (NAN, NAN, {"below": 0}, "inconclusive"),
    ],
)
def test_verdict_is_where_the_interval_lies(
    low: float, high: float, holds: dict[str, float], wanted: str
) -> None:
    measured = Measured((low + high) / 2, low, high, 5, NAN)
    assert verdict(measured, Region(**holds)) == wanted
    assert verdict(measured, Region(**holds), least_runs=5) == wanted
    assert verdict(measured, Region(**holds), least_runs=6) == "inconclusive"


def results(crossover: list[float], baseline: list[float]) -> CrossoverResults:
    outcomes = pd.concat(
        [
            rows("baseline", 4, best_train_loss=baseline, test_accuracy=[0.5] * len(baseline)),
            rows("crossover", 4, best_train_loss=crossover, test_accuracy=[0.6] * len(crossover)),
        ]
    )
    # Twice as high after the event, which is after epoch 2, up to when all runs are alike.
    curves = by_epoch(
        baseline=[[1e3, 1e3, loss, loss] for loss in baseline],
        crossover=[[1e3, 1e3, 2 * loss, loss] for loss in crossover],
    )
    events = {"crossover": 2}
    targets = reached(times_to_targets(curves, "baseline", events), events, 4, 0.95)
    return CrossoverResults(outcomes, curves, targets, events)


def difference(**changes: Any) -> DifferenceOfArms:
    given = {"arm": "crossover", "reference": "baseline", "metric": "best_train_loss"}
    return DifferenceOfArms(kind="difference_of_arms", **(given | changes))


LOWER, BASE = [0.8, 0.9, 0.85, 0.9], [1.0, 1.0, 1.0, 1.1]


def test_difference_of_arms_is_the_paired_one_of_logarithms() -> None:
    got = difference_of_arms(difference(), results(LOWER, BASE), 0.95)
    test = stats.ttest_rel(np.log(LOWER), np.log(BASE))
    ends = test.confidence_interval(0.95)
    assert got.value == pytest.approx(math.expm1(np.log(np.divide(LOWER, BASE)).mean()))
    assert (got.low, got.high) == pytest.approx((math.expm1(ends.low), math.expm1(ends.high)))
    assert got.runs == 4
    assert got.p == pytest.approx(test.pvalue)
    welch = difference_of_arms(difference(test="welch"), results(LOWER, BASE), 0.95)
    test = stats.ttest_ind(np.log(LOWER), np.log(BASE), equal_var=False)
    ends = test.confidence_interval(0.95)
    assert (welch.value, welch.p) == pytest.approx((got.value, test.pvalue))
    assert (welch.low, welch.high) == pytest.approx((math.expm1(ends.low), math.expm1(ends.high)))


def test_first_epoch_after_the_event_is_of_the_curves() -> None:
    got = difference_of_arms(difference(at="first_epoch_after_event"), results(LOWER, BASE), 0.95)
    end = difference_of_arms(difference(), results(LOWER, BASE), 0.95)
    assert 1 + got.value == pytest.approx(2 * (1 + end.value))


def test_arms_that_were_not_run_are_nothing() -> None:
    got = difference_of_arms(difference(reference="clone"), results(LOWER, BASE), 0.95)
    assert got.runs == 0
    assert all(map(math.isnan, (got.value, got.low, got.high, got.p)))


ONE_IN_TEN = QuantileOfRuns(
    kind="quantile_of_runs",
    arm="crossover",
    reference="baseline",
    metric="best_train_loss",
    share=0.1,
)


def test_quantile_of_runs_is_that_of_a_normal_distribution() -> None:
    ratios = [0.7, 1.0, 1.1, 0.9]
    got = quantile_of_runs(ONE_IN_TEN, results(ratios, [1.0] * 4), 0.95)
    logs = np.log(ratios)
    assert got.value == pytest.approx(math.expm1(logs.mean() - 1.2815516 * logs.std(ddof=1)))
    assert got.low < got.value < got.high
    assert verdict(got, Region(below=-0.2)) == "inconclusive"
    tight = quantile_of_runs(ONE_IN_TEN, results([1.09, 1.1, 1.11, 1.1], [1.0] * 4), 0.95)
    assert verdict(tight, Region(below=-0.2)) == "contradicted"


def test_interval_of_the_quantile_holds_the_truth_as_often_as_it_says() -> None:
    random = np.random.default_rng(8)
    truth = math.expm1(0.1 * stats.norm.ppf(0.1))
    studies = 400
    held = 0
    for _ in range(studies):
        made = np.exp(random.normal(0, 0.1, 10)).tolist()
        got = quantile_of_runs(ONE_IN_TEN, results(made, [1.0] * 10), 0.95)
        held += got.low <= truth <= got.high
    assert abs(held / studies - 0.95) < 3 * math.sqrt(0.05 * 0.95 / studies)


def test_share_in_half_is_clopper_and_pearsons() -> None:
    # Twice as high at the first of two epochs that are left, three of four runs are there a little
    # later than half way; of one that is less than half as high all are there at once.
    got = share_in_half(
        ShareInHalf(kind="share_in_half", arm="crossover"),
        results([0.4, 0.45, 0.4, 1.2], BASE),
    )
    assert (got.value, got.runs) == (0.75, 4)
    assert got.low == pytest.approx(stats.beta.ppf(0.025, 3, 2))
    assert got.high == pytest.approx(stats.beta.ppf(0.975, 4, 1))


@pytest.fixture
def gender() -> GenderResults:
    differences = {
        **{"contrast": "combined - baseline", "metric": "whole_train_loss", "p": 0.01, "n": 3},
        **{"mean_difference": -0.2, "interval_low": -0.3, "interval_high": -0.1},
    }
    speed = {
        "1": {"tau": 0.7},
        "2": {"tau": 0.8},
        "mean": {"tau": 0.75, "interval_low": 0.6, "interval_high": 0.9},
    }
    taus = {"evolved": (0.9, 0.8, 0.9), "last_loss": (0.8, 0.8, 0.9)}
    early = [{"seed": seed, **row} for seed, row in speed.items()]
    predicted = [
        {"mode": "combined", "predictor": name, "seed": seed, "tau": tau}
        for name in taus
        for seed, tau in zip("123", taus[name], strict=True)
    ]
    tables = {"early_speed": pd.DataFrame(early), "prediction": pd.DataFrame(predicted)}
    evidence = pd.concat(tables, names=["assumption"]).reset_index("assumption")
    published = {
        **{"metric": "final_train_loss", "mode": "combined", "difference": 0.0032},
        "smallest_credible_difference": 0.05,
    }
    return GenderResults(
        pd.DataFrame([differences]),
        evidence.assign(architectures="unselected"),
        pd.DataFrame([published]),
    )


def test_statistics_of_the_gender_study_are_those_of_its_tables(gender: GenderResults) -> None:
    modes = DifferenceOfModes(
        kind="difference_of_modes", contrast="combined - baseline", metric="whole_train_loss"
    )
    assert difference_of_modes(modes, gender) == (-0.2, -0.3, -0.1, 3, 0.01)
    assert difference_of_modes(modes.model_copy(update={"metric": "x"}), gender) == NOTHING
    paper = PublishedDifference(
        kind="published_difference", mode="combined", metric="final_train_loss"
    )
    assert published_difference(paper, gender)[:3] == pytest.approx((0.0032, -0.0468, 0.0532))
    speed = RankAgreement(
        kind="rank_agreement", assumption="early_speed", architectures="unselected"
    )
    assert rank_agreement(speed, gender, 0.95)[:4] == (0.75, 0.6, 0.9, 2)
    more = RankAgreement(
        kind="rank_agreement",
        assumption="prediction",
        architectures="unselected",
        mode="combined",
        predictor="evolved",
        less="last_loss",
    )
    got = rank_agreement(more, gender, 0.95)
    test = stats.ttest_1samp([0.1, 0, 0], 0)
    assert (got.value, got.p) == pytest.approx((0.1 / 3, test.pvalue))
    assert got.runs == 3


def test_shipped_claims_are_judged_and_shown(study: Study, gender: GenderResults) -> None:
    losses = results([1.1, 1.12, 1.08, 1.11], [1.0] * 4)
    judged = judge(study.claims, losses, gender, 0.95)
    verdicts = {(entry.source, entry.name): entry.verdict for entry in judged}
    assert verdicts["poster", "lower_loss"] == "contradicted"
    # Of test losses nothing is known here.
    assert verdicts["poster_test_loss", "lower_loss"] == "inconclusive"
    assert verdicts["poster", "merging_adds_to_selection"] == "inconclusive"
    assert verdicts["paper", "combined_lower_training_loss"] == "supported"
    assert verdicts["paper", "table_combined_lower_training_loss"] == "inconclusive"
    # Of two search seeds only.
    assert verdicts["paper", "early_speed_tells_the_end"] == "inconclusive"
    table = as_table(judged)
    assert tuple(table.columns) == COLUMNS
    sources = ["poster", "poster_test_loss", "paper"]
    assert table["source"].unique().tolist() == sources
    rules = digests(study.claims, 0.95)
    content = claims_content(study.claims, judged, rules, 0.95)
    assert [source["rules"] for source in content] == [rules[name] for name in sources]
    text = "\n".join(lines(content))
    assert "10.2 % higher than that of baseline" in text
    assert "so the main claim of the poster (training loss) is contradicted" in text
    assert sum(len(source["claims"]) for source in content) == len(judged)
    # Only what was run is judged.
    assert {entry.source for entry in judge(study.claims, None, gender, 0.95)} == {"paper"}
    assert judge(study.claims, None, None, 0.95) == []
    assert as_table([]).empty


def test_another_rule_has_another_digest(study: Study) -> None:
    poster = study.claims["poster"]
    claim = poster.claims["lower_loss"].model_copy(update={"holds": Region(below=0.1)})
    changed = poster.model_copy(update={"claims": {**poster.claims, "lower_loss": claim}})
    before, after = digests({"poster": poster}, 0.95), digests({"poster": changed}, 0.95)
    assert before != after
    assert before == digests({"poster": poster.model_copy(deep=True)}, 0.95)
    assert before != digests({"poster": poster}, 0.9)


def test_answer_says_what_the_main_claim_came_to(study: Study) -> None:
    source = study.claims["poster"]
    first, second = answer(source, judge({"x": source}, results(BASE, BASE), None, 0.95), 0.95)
    # Arms that are identical have no interval.
    assert "is the same as that of baseline (no interval, 4 runs)" in first
    assert "neither supported nor contradicted" in first
    assert second.startswith(f"Of its {len(source.claims)} claims")


def test_numbers_have_their_units(study: Study) -> None:
    claims = {**study.claims["poster"].claims, **study.claims["paper"].claims}
    about, speed = claims["nine_percent_lower"], claims["early_speed_tells_the_end"]
    assert shown(about.statistic, about.published) == "-9.0 %"
    assert rule(about.statistic, about.holds) == "from -12.0 % to -6.0 %"
    assert rule(speed.statistic, speed.holds) == "above +0.50 tau"
    assert shown(speed.statistic, None) == "none"
    judged = judge({"poster": study.claims["poster"]}, results(LOWER, BASE), None, 0.95)
    (entry,) = (entry for entry in judged if entry.name == "nine_percent_lower")
    low, to, high, unit = interval(entry).split()
    assert (to, unit) == ("to", "%")
    assert float(low) < float(high)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"main": "other"}, "main must be one of the claims, a"),
        ({"study": "gender"}, "must be one of the gender study's"),
        ({"least_runs": 1}, "greater than or equal to 2"),
    ],
)
def test_source_that_does_not_fit_together_is_refused(change: dict[str, Any], message: str) -> None:
    claim = {
        "statement": "words",
        "statistic": {"kind": "share_in_half", "arm": "crossover"},
        "holds": {"above": 0.5},
    }
    given = {
        **{"label": "a", "study": "crossover", "question": "?", "main": "a", "least_runs": 3},
        "claims": {"a": claim},
    }
    Source.model_validate(given)
    with pytest.raises(ValidationError, match=message):
        Source.model_validate(given | change)


@pytest.mark.parametrize("holds", [{}, {"above": 1, "below": 1}, {"above": 2, "below": 1}])
def test_region_without_room_is_refused(holds: dict[str, float]) -> None:
    with pytest.raises(ValidationError, match="above"):
        Region(**holds)
