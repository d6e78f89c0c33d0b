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
    QuantileOfRuns,
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
)
from crossbreed.report.claims.ledger import COLUMNS, as_table, digests, judge
from crossbreed.report.claims.page import claims_content, lines
from crossbreed.report.claims.words import answer, interval, rule, shown
from crossbreed.statistics.verdict import Measured, verdict
from gender_claims import gender_results
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
def gender(study: Study) -> GenderResults:
    return gender_results(study)


def test_shipped_claims_are_judged_and_shown(study: Study, gender: GenderResults) -> None:
    losses = results([1.1, 1.12, 1.08, 1.11], [1.0] * 4)
    judged = judge(study.claims, losses, gender, 0.95)
    verdicts = {(entry.source, entry.name): entry.verdict for entry in judged}
    assert verdicts["poster", "lower_loss"] == "contradicted"
    # Of test losses nothing is known here.
    assert verdicts["poster_test_loss", "lower_loss"] == "inconclusive"
    assert verdicts["poster", "merging_adds_to_selection"] == "inconclusive"
    assert verdicts["paper", "combined_lower_training_loss"] == "supported"
    assert verdicts["paper", "early_speed_tells_the_end"] == "supported"
    # Within the margin of 0.05 of tau.
    assert verdicts["paper", "predictors_add_to_last_loss"] == "equivalent"
    assert verdicts["paper", "selection_pays"] == "inconclusive"
    assert verdicts["paper", "table_combined_lower_training_loss"] == "inconclusive"
    # Higher by 0.0078, of which two single runs explain 0.0106.
    assert verdicts["paper", "table_combined_lower_validation_loss"] == "inconclusive"
    ranks = [
        verdict
        for (_, name), verdict in verdicts.items()
        if name.startswith("table_combined_") and "lower" not in name
    ]
    assert ranks == ["contradicted"] * 4
    table = as_table(judged)
    assert tuple(table.columns) == COLUMNS
    over = table.set_index(["source", "claim"])["interval_over"]
    assert over["paper", "combined_lower_training_loss"] == "search seeds"
    sources = ["poster", "poster_test_loss", "paper"]
    assert table["source"].unique().tolist() == sources
    rules = digests(study.claims, 0.95)
    content = claims_content(study.claims, judged, rules, 0.95)
    assert [source["rules"] for source in content] == [rules[name] for name in sources]
    text = "\n".join(lines(content))
    assert "10.2 % higher than that of baseline" in text
    assert "so the main claim of the poster (training loss) is contradicted" in text
    assert "1 equivalent (no difference that counts)" in text.replace("\n", " ")
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
    single = source.model_copy(update={"claims": {source.main: source.claims[source.main]}})
    assert answer(single, judge({"x": single}, results(BASE, BASE), None, 0.95), 0.95) == [
        first,
        "It is the only claim.",
    ]


def test_numbers_have_their_units(study: Study) -> None:
    claims = {**study.claims["poster"].claims, **study.claims["paper"].claims}
    about, speed = claims["nine_percent_lower"], claims["early_speed_tells_the_end"]
    assert shown(about.statistic, about.published) == "-9.0 %"
    assert rule(about) == "from -12.0 % to -6.0 %"
    assert rule(speed) == "above +0.50 tau"
    assert rule(claims["combined_lower_training_loss"]) == "below 0, margin 0.010 nats"
    assert rule(claims["table_combined_best_training_loss"]) == "below 1.5"
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
