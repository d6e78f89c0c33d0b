"""One's own results against a reference: where intervals overlap, and what is said of it."""

from __future__ import annotations

import math
import subprocess
from pathlib import Path
from shutil import copytree
from typing import Any

import pandas as pd
import pytest
import yaml

from crossbreed.config.schema import Study
from crossbreed.errors import CrossbreedError
from crossbreed.reference.comparison import compared
from crossbreed.reference.pairs import Pair, Value, paired_claims, paired_comparisons
from crossbreed.reference.settings import closest
from crossbreed.report.claims.ledger import COLUMNS
from crossbreed.storage.files import write_csv, write_json, write_text
from crossbreed.storage.records import write_record
from repository import REPOSITORY

PROVENANCE = {
    "git_commit": "0123456789abcdef0123456789abcdef01234567",
    "git_changes": [],
    "packages": {"torch": "2.13.0"},
    "machine": {"processor": "a processor", "cores": 2},
    "data": {"text": {"edition": "an edition", "sha256": "aa"}},
}
LAPTOP = REPOSITORY / "results" / "reference" / "laptop"
ENDS = ["interval_low", "interval_high"]
NAN = math.nan


def results(
    folder: Path,
    study: Study,
    ledger: dict[str, tuple[float, float, float, str]],
    arms: dict[str, tuple[float, float, float]],
    **changes: Any,
) -> Path:
    """Write what a comparison reads; the ledger is the poster's, arms less the baseline."""
    settings = {**study.model_dump(mode="json"), "studies": ["crossover"], **changes}
    write_text(folder / "config.yaml", yaml.safe_dump(settings, sort_keys=False))
    write_json(folder / "provenance.json", PROVENANCE)
    rows = [
        (name, "poster", "", None, value, low, high, "", 5, 0.1, verdict)
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
    columns = ["arm", "reference", "metric", "epoch", "kind", "difference", *ENDS]
    write_csv(folder / "crossover" / "comparison.csv", pd.DataFrame(compared_arms, columns=columns))
    return folder


@pytest.mark.parametrize(
    ("own", "reference", "wanted"),
    [
        ((0.1, 0.2), (0.2, 0.3), "overlap"),
        ((0.1, 0.5), (0.2, 0.3), "overlap"),
        ((0.1, 0.2), (0.21, 0.3), "below"),
        ((-0.1, 0.2), (-0.3, -0.2), "above"),
        ((NAN, NAN), (-0.3, -0.2), "unknown"),
    ],
)
def test_intervals_overlap_or_lie_apart(
    own: tuple[float, float], reference: tuple[float, float], wanted: str
) -> None:
    values = [Value(sum(ends) / 2, *ends, "") for ends in (own, reference)]
    assert Pair("poster", "a", values[0], values[1]).agreement == wanted


def test_words_say_what_overlaps_what_does_not_and_which_settings_differ(
    tmp_path: Path, study: Study
) -> None:
    own = results(
        tmp_path / "own",
        study,
        {
            "lower_loss": (0.10, 0.05, 0.15, "contradicted"),
            "already_at_half_time": (0.10, 0.05, 0.15, "contradicted"),
            "half_the_time": (0.0, NAN, NAN, "inconclusive"),
        },
        {"crossover": (0.10, 0.05, 0.15), "clone_best": (0.01, 0.0, 0.02)},
        trainer={**study.model_dump(mode="json")["trainer"], "new": 3},
    )
    reference = results(
        tmp_path / "reference",
        study,
        {
            "lower_loss": (0.12, 0.10, 0.14, "contradicted"),
            "already_at_half_time": (-0.1, -0.2, 0.0, "inconclusive"),
            "half_the_time": (0.1, 0.0, 0.4, "contradicted"),
        },
        {"crossover": (0.12, 0.10, 0.14), "clone_best": (-0.02, -0.03, -0.01)},
        epochs=100,
        seed=7,
        save_every={"seconds": 1, "epochs": None},
    )
    text = compared(own, reference)
    assert "commit 0123456" in text
    told = text.replace("\n", " ")
    settings = "seed 1 (reference: 7); epochs 2 (reference: 100); trainer.new 3 (reference: absent)"
    assert f"Settings that differ: {settings}. " in told
    assert "lower_loss: overlap\n    yours      +10.0 % (+5.0 to +15.0 %), contradicted\n" in text
    assert "already_at_half_time: apart: yours lies higher" in text
    assert "half_the_time: no interval\n    yours      0 %, inconclusive\n" in text
    counted = "1 of 2 intervals overlap (1 without interval); 1 of 3 verdicts are the same."
    assert counted in told
    further = "Of all 2 comparisons of arms at the end that have intervals in both, 1 overlap, 1 do"
    assert further in told
    assert "clone_best - baseline, best training loss: apart: yours lies higher" in text
    # Only what is apart is listed again.
    assert "crossover - baseline, best" not in text


def test_the_same_settings_are_no_independent_repetition(tmp_path: Path, study: Study) -> None:
    claims = {"lower_loss": (0.10, 0.05, 0.15, "contradicted")}
    reference = results(tmp_path / "reference", study, claims, {})
    text = compared(reference, reference).replace("\n", " ")
    assert "the same random draws" in text
    assert "1 of 1 numbers are equal to four digits" in text
    repeated = compared(results(tmp_path / "own", study, claims, {}, seed=2), reference)
    assert "an independent repetition" in repeated
    # Where a setting differs, equal numbers such as 0 % and 0 % tell nothing.
    assert "equal to four digits" not in repeated


def test_a_claim_judged_by_another_statistic_is_not_compared(tmp_path: Path, study: Study) -> None:
    claims = {"lower_loss": (0.10, 0.05, 0.15, "contradicted")}
    reference = results(tmp_path / "reference", study, claims, {})
    changed = study.model_dump(mode="json")["claims"]
    changed["poster"]["claims"]["lower_loss"]["statistic"]["metric"] = "mean_train_loss"
    own = results(tmp_path / "own", study, claims, {}, claims=changed)
    assert paired_claims((own, reference), {"crossover"}) == []


def test_conditions_are_compared_one_by_one(tmp_path: Path, study: Study) -> None:
    folders = []
    for name, low, runs in (("own", 0.1, 3), ("reference", 0.4, 4)):
        wide = {"label": name, "group": "model", "change": {"runs": runs}}
        changes = {"studies": ["conditions"], "conditions": {"wide": wide}}
        folders.append(results(tmp_path / name, study, {}, {}, **changes))
        columns = ["condition", "arm", "reference", "metric", "kind", "difference", *ENDS]
        rows = [
            ("wide", "crossover", "baseline", "best_train_loss", "relative", low, low, low + 0.1),
            (name, "crossover", "baseline", "test_loss", "relative", 0.1, 0.0, 0.2),
        ]
        table = pd.DataFrame(rows, columns=columns)
        write_csv(tmp_path / name / "conditions" / "conditions.csv", table)
    text = compared(*folders)
    assert "Settings that differ: conditions.wide.change.runs 3 (reference: 4)." in text
    assert "Of all 1 comparisons of arms by condition" in text
    assert "  wide: crossover - baseline, best training loss: apart: yours lies lower\n" in text


def modes(folder: Path) -> None:
    """Write differences of two modes: one of the machine, one of the method."""
    values = {
        "mean_difference": [0.1, 0.2],
        "interval_low": [0.0, 0.1],
        "interval_high": [0.2, 0.3],
    }
    metrics = ["training_minutes", "final_validation_loss"]
    table = pd.DataFrame({"contrast": ["male - baseline"] * 2, "metric": metrics, **values})
    write_csv(folder / "gender" / "differences.csv", table)


def test_what_depends_on_the_machine_is_not_counted(tmp_path: Path, study: Study) -> None:
    own, reference = (
        results(tmp_path / name, study, {}, {}, studies=["gender"]) for name in ("own", "reference")
    )
    for folder, value in ((own, 0.1), (reference, 9.0)):
        modes(folder)
        rows = [
            ("quick_to_train", "paper", "", None, value, value - 0.1, value + 0.1, "", 3, 0.1, "a"),
            ("selection_pays", "paper", "", None, 0.1, 0.0, 0.2, "", 3, 0.1, "a"),
        ]
        write_csv(folder / "claims.csv", pd.DataFrame(rows, columns=list(COLUMNS)))
    (pair,) = paired_comparisons((own, reference), {"gender"})
    assert pair.name == "male - baseline, final validation loss"
    assert pair.own.text == "+0.200 nats (+0.100 to +0.300 nats)"
    text = compared(own, reference)
    assert "quick_to_train: depends on the machine, not counted" in text
    assert "1 of 1 intervals overlap; 1 of 1 verdicts are the same" in text


def test_modes_on_tables_are_compared_by_the_wider_interval(tmp_path: Path, study: Study) -> None:
    # Over search seeds all are apart. Over the table: wider, and they overlap; narrower; unknown.
    own = {"mean_difference": [0.1] * 3, "interval_low": [0.09] * 3, "interval_high": [0.11] * 3}
    own |= {"table_low": [0.0, 0.095, math.nan], "table_high": [0.3, 0.1, math.nan]}
    reference = {key: [value + 0.1 for value in values] for key, values in own.items()}
    for name, values in (("own", own), ("reference", reference)):
        results(tmp_path / name, study, {}, {}, studies=["gender"])
        contrasts = {"contrast": ["a - c", "b - c", "d - c"], "metric": ["best_final_loss"] * 3}
        table = pd.DataFrame(contrasts | values)
        write_csv(tmp_path / name / "gender" / "differences.csv", table)
    folders = (tmp_path / "own", tmp_path / "reference")
    pairs = paired_comparisons(folders, {"gender"})
    assert [pair.agreement for pair in pairs] == ["overlap", "below", "below"]
    assert pairs[0].own.text == "+0.100 nats (+0.000 to +0.300 nats)"


@pytest.mark.parametrize("data", [{"text": {"edition": "another", "sha256": "bb"}}, {}])
def test_another_edition_of_the_text_is_not_compared(
    data: dict[str, Any], tmp_path: Path, study: Study
) -> None:
    claims = {"lower_loss": (0.10, 0.05, 0.15, "contradicted")}
    both = ["crossover", "gender"]
    own, reference = (
        results(tmp_path / name, study, claims, {}, studies=both) for name in ("own", "reference")
    )
    for folder in (own, reference):
        modes(folder)
    write_json(own / "provenance.json", {**PROVENANCE, "data": data})
    text = compared(own, reference)
    assert "its text is another edition" in text
    assert "male" not in text
    assert "lower_loss: overlap" in text


def test_results_of_several_runs_are_told(tmp_path: Path, study: Study) -> None:
    own = results(tmp_path / "own", study, {}, {"crossover": (0.1, 0.0, 0.2)})
    for name in ("config.yaml", "claims.csv", "crossover/comparison.csv"):
        write_record(own / name, "key", {}, [])
    warning = "not known to be of one run"
    assert warning not in compared(own, own)
    (own / "claims.csv").write_text((own / "claims.csv").read_text() + "\n")
    assert warning in compared(own, own)


def test_results_of_another_version_are_compared(tmp_path: Path) -> None:
    own = copytree(LAPTOP, tmp_path / "own")
    write_text(own / "config.yaml", f"{(own / 'config.yaml').read_text()}new: 3\n")
    assert "lower_loss: overlap" in compared(own, LAPTOP)


@pytest.mark.parametrize(
    ("name", "content", "wanted"),
    [
        ("config.yaml", "preset: laptop\n", "KeyError: 'studies'"),
        ("config.yaml", None, "does not exist: no study has been run there to its end"),
        ("provenance.json", '{"git_commit": "01', "JSONDecodeError"),
        ("claims.csv", None, "does not exist: no study has been run there to its end"),
        ("claims.csv", "a,b\n1,2\n", "KeyError"),
        ("crossover/comparison.csv", "", "EmptyDataError"),
    ],
)
def test_a_damaged_file_is_reported_in_one_line(
    name: str, content: str | None, wanted: str, tmp_path: Path
) -> None:
    own = copytree(LAPTOP, tmp_path / "own")
    if content is None:
        (own / name).unlink()
    else:
        write_text(own / name, content)
    with pytest.raises(CrossbreedError, match=wanted) as caught:
        compared(own, LAPTOP)
    assert str(caught.value).startswith(f"{own / name}")
    assert "\n" not in str(caught.value)


def test_the_closest_reference_is_that_of_the_same_preset_or_settings() -> None:
    small = {"preset": "a", "studies": ["crossover", "gender"], "runs": 5, "epochs": 9}
    large = {"preset": "b", "studies": ["crossover"], "runs": 9, "epochs": 9}
    known = {"a": small, "b": large}
    assert closest({**large, "preset": "a"}, known) == "a"
    assert closest({**large, "preset": "mine", "epochs": 7}, known) == "b"
    # However alike the settings: of studies that differ nothing can be compared.
    assert closest({**large, "preset": "mine", "studies": ["gender"]}, known) == "a"


@pytest.mark.parametrize(
    ("folder", "wanted"),
    [
        (
            "results/reference/paper_cpu",
            "Yours:     results/reference/paper_cpu (crossover study: commit ",
        ),
        ("results/it's a=b", "crossbreed: results/it's a=b/config.yaml does not exist"),
    ],
)
def test_the_documented_command_compares(folder: str, wanted: str) -> None:
    command = ("make", "--silent", "--assume-old=env", "compare", f"RESULTS={folder}")
    finished = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert wanted in finished.stdout + finished.stderr
    assert "Traceback" not in finished.stderr
