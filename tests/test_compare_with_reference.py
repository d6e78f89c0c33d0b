"""One's own results against a reference: where intervals overlap, and what is said of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from crossbreed.claims.ledger import COLUMNS
from crossbreed.config.schema import Study
from crossbreed.errors import CrossbreedError
from crossbreed.files import write_csv, write_json, write_text
from crossbreed.reference.contents import copied, file_digests, made, publish
from crossbreed.reference.pairs import Pair, Value, paired_claims, paired_comparisons
from crossbreed.reference.words import compared

PROVENANCE = {
    "git_commit": "0123456789abcdef0123456789abcdef01234567",
    "git_changes": [],
    "packages": {"torch": "2.13.0"},
    "machine": {"processor": "a processor", "cores": 2},
}


def results(
    folder: Path,
    study: Study,
    ledger: dict[str, tuple[float, float, float, str]],
    arms: dict[str, tuple[float, float, float]],
    **changes: Any,
) -> Path:
    """Write what a comparison reads; the ledger is the poster's, arms less the baseline."""
    settings = {**study.model_dump(mode="json"), **changes}
    write_text(folder / "config.yaml", yaml.safe_dump(settings, sort_keys=False))
    write_json(folder / "provenance.json", PROVENANCE)
    rows = [
        (name, "poster", "", None, value, low, high, 5, 0.1, verdict)
        for name, (value, low, high, verdict) in ledger.items()
    ]
    write_csv(folder / "claims.csv", pd.DataFrame(rows, columns=list(COLUMNS)))
    last = settings["epochs"]
    # At half time, numbers that must not be taken for those at the end.
    compared_arms = [
        (arm, "baseline", "best_train_loss", epoch, "relative", *ends)
        for arm, at_the_end in arms.items()
        for epoch, ends in ((last // 2, (9.0, 9.0, 9.0)), (last, at_the_end))
    ]
    columns = ["arm", "reference", "metric", "epoch", "kind"]
    columns += ["difference", "interval_low", "interval_high"]
    write_csv(folder / "crossover" / "comparison.csv", pd.DataFrame(compared_arms, columns=columns))
    return folder


NAN = float("nan")


@pytest.mark.parametrize(
    ("own", "reference", "wanted"),
    [
        ((0.1, 0.2), (0.15, 0.3), "overlap"),
        ((0.1, 0.2), (0.2, 0.3), "overlap"),
        ((0.1, 0.5), (0.2, 0.3), "overlap"),
        ((0.1, 0.2), (0.21, 0.3), "below"),
        ((-0.1, 0.2), (-0.3, -0.2), "above"),
        ((NAN, NAN), (-0.3, -0.2), "unknown"),
        ((-0.3, -0.2), (NAN, NAN), "unknown"),
    ],
)
def test_intervals_overlap_or_lie_apart(
    own: tuple[float, float], reference: tuple[float, float], wanted: str
) -> None:
    pair = Pair("poster", "a", *(Value(sum(ends) / 2, *ends, "") for ends in (own, reference)))
    assert pair.agreement == wanted


def test_words_say_what_overlaps_what_does_not_and_which_settings_differ(
    tmp_path: Path, study: Study
) -> None:
    own = results(
        tmp_path / "own",
        study,
        {
            "lower_loss": (0.10, 0.05, 0.15, "contradicted"),
            "lower_test_loss": (0.10, 0.05, 0.15, "contradicted"),
            "half_the_time": (0.0, NAN, NAN, "inconclusive"),
        },
        {"crossover": (0.10, 0.05, 0.15), "clone_best": (0.01, 0.0, 0.02)},
    )
    reference = results(
        tmp_path / "reference",
        study,
        {
            "lower_loss": (0.12, 0.10, 0.14, "contradicted"),
            "lower_test_loss": (-0.1, -0.2, 0.0, "inconclusive"),
            "half_the_time": (0.1, 0.0, 0.4, "contradicted"),
        },
        {"crossover": (0.12, 0.10, 0.14), "clone_best": (-0.02, -0.03, -0.01)},
        epochs=100,
        seed=7,
        save_every={"seconds": 1, "epochs": None},
    )
    text = compared(own, reference)
    assert "commit 0123456" in text
    settings = text.split("Settings that differ: ")[1].split("\n\n")[0].replace("\n", " ")
    assert settings == "seed 1 (reference: 7); epochs 2 (reference: 100)."
    assert "lower_loss: overlap\n    yours      +10.0 % (+5.0 to +15.0 %), contradicted\n" in text
    assert "lower_test_loss: apart: yours lies higher" in text
    assert "half_the_time: no interval" in text
    counted = "1 of 2 intervals overlap (1 without interval); 1 of 3 verdicts are the same."
    assert counted in text.replace("\n", " ")
    further = text.split("Of all ")[1].replace("\n", " ")
    assert further.startswith("2 comparisons of arms at the end that have intervals in both, 1 ")
    assert "clone_best - baseline, best training loss: apart: yours lies higher" in text
    # Only what is apart is listed again.
    assert "crossover - baseline, best" not in text


def test_the_same_settings_are_no_independent_repetition(tmp_path: Path, study: Study) -> None:
    claims = {"lower_loss": (0.10, 0.05, 0.15, "contradicted")}
    reference = results(tmp_path / "reference", study, claims, {})
    own = results(tmp_path / "own", study, claims, {})
    text = compared(own, reference).replace("\n", " ")
    assert "the same random draws" in text
    assert "1 of 1 numbers are equal to four digits" in text
    other = results(tmp_path / "other", study, claims, {}, seed=2)
    assert "an independent repetition" in compared(other, reference)


def test_a_claim_judged_by_another_statistic_is_not_compared(tmp_path: Path, study: Study) -> None:
    claims = {"lower_loss": (0.10, 0.05, 0.15, "contradicted")}
    reference = results(tmp_path / "reference", study, claims, {})
    changed = study.model_dump(mode="json")["claims"]
    changed["poster"]["claims"]["lower_loss"]["statistic"]["metric"] = "mean_train_loss"
    own = results(tmp_path / "own", study, claims, {}, claims=changed)
    assert paired_claims(own, reference) == []
    assert "nothing in common" in compared(own, reference)


def test_what_depends_on_the_machine_is_left_out(tmp_path: Path, study: Study) -> None:
    folders = [results(tmp_path / name, study, {}, {}) for name in ("own", "reference")]
    for folder in folders:
        table = pd.DataFrame(
            {
                "contrast": ["male - baseline"] * 2,
                "metric": ["training_minutes", "whole_validation_loss"],
                "mean_difference": [0.1, 0.2],
                "interval_low": [0.0, 0.1],
                "interval_high": [0.2, 0.3],
            }
        )
        write_csv(folder / "gender" / "differences.csv", table)
    (pair,) = paired_comparisons(*folders)
    assert pair.name == "male - baseline, whole validation loss"
    assert pair.own.text == "+0.200 nats (+0.100 to +0.300 nats)"


def test_without_a_whole_study_one_line_says_so(tmp_path: Path, study: Study) -> None:
    reference = results(tmp_path / "reference", study, {}, {})
    with pytest.raises(CrossbreedError, match=r"config\.yaml does not exist: no study"):
        compared(tmp_path / "nothing", reference)


@pytest.fixture
def whole(tmp_path: Path, study: Study) -> Path:
    """Return results of which a reference can be made; the contents of most files do not matter."""
    folder = results(tmp_path / "results", study, {}, {}, studies=["crossover"])
    for name in copied(["crossover"]):
        if not (folder / name).exists():
            write_text(folder / name, f"{name}\n")
    curves = pd.DataFrame(
        {
            "run": 1,
            "arm": "baseline",
            "epoch": [1, 1, 2, 2],
            "network": [0, 1, 0, 1],
            "train_loss": [0.5, 0.4, 0.3, 0.35],
            "validation_loss": [0.6, 0.7, 0.5, 0.4],
            "validation_accuracy": 0.8,
        }
    )
    write_csv(folder / "crossover" / "curves.csv", curves)
    return folder


def test_publishing_takes_what_is_needed_and_leaves_nothing_else(
    whole: Path, tmp_path: Path
) -> None:
    target = tmp_path / "reference"
    write_text(target / "crossover" / "leftover.csv", "of an earlier one\n")
    publish(whole, target)
    found = {str(path.relative_to(target)) for path in target.rglob("*") if path.is_file()}
    assert found == {*copied(["crossover"]), *made(["crossover"])}
    assert json.loads((target / "digests.json").read_text())["files"] == file_digests(target)
    by_epoch = pd.read_csv(target / "crossover" / "outcomes_by_epoch.csv")
    assert list(by_epoch["best_train_loss"]) == [0.4, 0.3]
    assert list(by_epoch["validation_loss"]) == [0.7, 0.5]


def test_a_part_of_a_study_is_not_published(whole: Path, tmp_path: Path) -> None:
    (whole / "crossover" / "cost.csv").unlink()
    with pytest.raises(CrossbreedError, match=r"crossover/cost\.csv missing"):
        publish(whole, tmp_path / "reference")
    assert not (tmp_path / "reference").exists()


def test_results_of_uncommitted_code_are_not_published(whole: Path, tmp_path: Path) -> None:
    write_json(whole / "provenance.json", {**PROVENANCE, "git_changes": ["M src/crossbreed/x.py"]})
    with pytest.raises(CrossbreedError, match="git_changes"):
        publish(whole, tmp_path / "reference")
    assert not (tmp_path / "reference").exists()
