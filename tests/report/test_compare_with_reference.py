"""One's own results against a reference: where intervals overlap, and what is said of it."""

from __future__ import annotations

import subprocess
from pathlib import Path
from shutil import copytree
from typing import Any

import pandas as pd
import pytest
import yaml

from crossbreed.config.schema import Study
from crossbreed.crossover.results.summary import named
from crossbreed.errors import CrossbreedError
from crossbreed.reference.pairs import Pair, Value, paired_claims, paired_comparisons
from crossbreed.reference.settings import closest
from crossbreed.reference.words import compared
from crossbreed.report.claims.ledger import COLUMNS
from crossbreed.storage.files import write_csv, write_json, write_text
from crossbreed.storage.records import write_record
from few_arms import leave_arms
from repository import REPOSITORY

PROVENANCE = {
    "git_commit": "0123456789abcdef0123456789abcdef01234567",
    "git_changes": [],
    "packages": {"torch": "2.13.0"},
    "machine": {"processor": "a processor", "cores": 2},
    "data": {"text": {"edition": "an edition", "sha256": "aa"}},
}
LAPTOP = REPOSITORY / "results" / "reference" / "laptop"


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
    values = [Value(sum(ends) / 2, *ends, "") for ends in (own, reference)]
    pair = Pair("poster", "a", values[0], values[1])
    assert pair.agreement == wanted


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
    settings = text.split("Settings that differ: ")[1].split("\nNot found")[0].replace("\n", " ")
    assert settings == "seed 1 (reference: 7); epochs 2 (reference: 100)."
    assert "lower_loss: overlap\n    yours      +10.0 % (+5.0 to +15.0 %), contradicted\n" in text
    assert "already_at_half_time: apart: yours lies higher" in text
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
    repeated = compared(other, reference)
    assert "an independent repetition" in repeated
    # Where a setting differs, equal numbers such as 0 % and 0 % tell nothing.
    assert "equal to four digits" not in repeated


def test_a_claim_judged_by_another_statistic_is_not_compared(tmp_path: Path, study: Study) -> None:
    claims = {"lower_loss": (0.10, 0.05, 0.15, "contradicted")}
    reference = results(tmp_path / "reference", study, claims, {})
    changed = study.model_dump(mode="json")["claims"]
    changed["poster"]["claims"]["lower_loss"]["statistic"]["metric"] = "mean_train_loss"
    own = results(tmp_path / "own", study, claims, {}, claims=changed)
    assert paired_claims(own, reference, {"crossover"}) == []


def test_conditions_are_compared_one_by_one(tmp_path: Path, study: Study) -> None:
    change = {"label": "wide", "group": "model", "change": {"runs": 3}}
    changed = {**change, "label": "of another name", "change": {"runs": 4}}
    folders = [
        results(tmp_path / name, study, {}, {}, studies=["conditions"], conditions={"wide": one})
        for name, one in (("own", change), ("reference", changed))
    ]
    for folder, low in zip(folders, (0.1, 0.4), strict=True):
        columns = ["condition", "arm", "reference", "metric", "kind"]
        columns += ["difference", "interval_low", "interval_high"]
        rows = [
            ("wide", "crossover", "baseline", "best_train_loss", "relative", low, low, low + 0.1),
            (folder.name, "crossover", "baseline", "test_loss", "relative", 0.1, 0.0, 0.2),
        ]
        write_csv(folder / "conditions" / "conditions.csv", pd.DataFrame(rows, columns=columns))
    text = compared(*folders)
    assert "Settings that differ: conditions.wide.change.runs 3 (reference: 4)." in text
    assert "Of all 1 comparisons of arms by condition" in text
    assert "  wide: crossover - baseline, best training loss: apart: yours lies lower\n" in text


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
    (pair,) = paired_comparisons(folders[0], folders[1], {"gender"})
    assert pair.name == f"male - baseline, {named('whole_validation_loss').lower()}"
    assert pair.own.text == "+0.200 nats (+0.100 to +0.300 nats)"


def test_without_a_whole_study_one_line_says_so(tmp_path: Path, study: Study) -> None:
    reference = results(tmp_path / "reference", study, {}, {})
    with pytest.raises(CrossbreedError, match=r"config\.yaml does not exist: no study"):
        compared(tmp_path / "nothing", reference)


def test_another_edition_of_the_text_is_not_compared(tmp_path: Path, study: Study) -> None:
    claims = {"lower_loss": (0.10, 0.05, 0.15, "contradicted")}
    folders = [results(tmp_path / name, study, claims, {}) for name in ("own", "reference")]
    for folder, digest in zip(folders, ("aa", "bb"), strict=True):
        origin = {"edition": "an edition", "sha256": digest}
        write_json(folder / "provenance.json", {**PROVENANCE, "data": {"text": origin}})
        table = {"contrast": ["male - baseline"], "metric": ["whole_validation_loss"]}
        ends = {"mean_difference": [0.2], "interval_low": [0.1], "interval_high": [0.3]}
        write_csv(folder / "gender" / "differences.csv", pd.DataFrame({**table, **ends}))
    text = compared(folders[0], folders[1])
    assert "another edition" in text
    assert "male" not in text
    assert "lower_loss: overlap" in text


def test_minutes_are_told_but_not_counted(tmp_path: Path, study: Study) -> None:
    folders = [results(tmp_path / name, study, {}, {}) for name in ("own", "reference")]
    for folder, value in zip(folders, (0.1, 9.0), strict=True):
        rows = [
            ("quick_to_train", "paper", "", None, value, value - 0.1, value + 0.1, 3, 0.1, "a"),
            ("selection_pays", "paper", "", None, 0.1, 0.0, 0.2, 3, 0.1, "a"),
        ]
        write_csv(folder / "claims.csv", pd.DataFrame(rows, columns=list(COLUMNS)))
    text = compared(folders[0], folders[1])
    assert "quick_to_train: depends on the machine, not counted" in text
    assert "1 of 1 intervals overlap; 1 of 1 verdicts are the same" in text


def test_tables_of_a_study_that_was_not_part_of_the_run_are_not_read(
    tmp_path: Path, study: Study
) -> None:
    arms = {"crossover": (0.1, 0.05, 0.15)}
    reference = results(tmp_path / "reference", study, {}, arms)
    own = results(tmp_path / "own", study, {}, arms, studies=["gender"])
    assert "crossover" not in compared(own, reference)
    conditions = results(tmp_path / "conditions", study, {}, arms, studies=["conditions"])
    assert "Nothing can be compared" in compared(conditions, reference)


@pytest.mark.parametrize("study_run_again", ["crossover", "gender"])
def test_a_part_that_was_run_again_is_told_by_its_contents(
    study_run_again: str, tmp_path: Path
) -> None:
    own = tmp_path / "own"
    copytree(LAPTOP, own)
    assert "not known to be of one run: " in compared(own, LAPTOP).replace("\n", " ")
    tables = [own / "crossover" / "outcomes.csv", own / "gender" / "differences.csv"]
    for path in [own / "config.yaml", own / "crossover" / "comparison.csv", *tables]:
        write_record(path, "key", {}, [])
    write_record(own / "claims.csv", "key", {}, tables)
    assert "of one run" not in compared(own, LAPTOP)
    renewed = tables[study_run_again == "gender"]
    table = pd.read_csv(renewed)
    write_csv(renewed, table[table.index > 0])
    write_record(renewed, "key", {}, [])
    text = compared(own, LAPTOP).replace("\n", " ")
    assert f"claims.csv: made from another {renewed.name}. Run all" in text


def test_a_study_of_few_arms_is_judged_though_claims_are_of_others(tmp_path: Path) -> None:
    own = tmp_path / "own"
    copytree(LAPTOP, own)
    leave_arms(own, ["baseline", "crossover"])
    text = compared(own, LAPTOP)
    assert "Claims of the poster (test loss):" in text


def test_results_of_another_version_are_compared(tmp_path: Path) -> None:
    own = tmp_path / "own"
    copytree(LAPTOP, own)
    write_text(own / "config.yaml", f"{(own / 'config.yaml').read_text()}warmth: 3\n")
    text = compared(own, LAPTOP).replace("\n", " ")
    assert "lower_loss: overlap" in text


@pytest.mark.parametrize(
    ("name", "content", "wanted"),
    [
        ("provenance.json", "", "it is no JSON, or cut off"),
        ("provenance.json", '{"git_commit": "01', "it is no JSON, or cut off"),
        ("provenance.json", '{"data": null}', "data: "),
        ("provenance.json", '{"data": {"text": null}}', r"data\.text: "),
        ("claims.csv", "", "is empty or no table"),
        ("claims.csv", "a,b\n1,2\n", "has no column source, claim, verdict, measured"),
        ("crossover/comparison.csv", "", "is empty or no table"),
        ("crossover/comparison.csv", "\x00\xff\n", "has no column|is empty or no table"),
        ("crossover/comparison.csv", "arm,kind", "is cut off in its last line"),
        (
            "crossover/comparison.csv",
            "arm,reference,metric,epoch,kind,difference,interval_low,interval_high\n"
            "crossover,baseline,test_loss,2,relative,low,0.1,0.2\n",
            "difference must be numbers",
        ),
    ],
)
def test_a_damaged_file_is_told_in_one_line(
    name: str, content: str, wanted: str, tmp_path: Path, study: Study
) -> None:
    reference = results(tmp_path / "reference", study, {}, {})
    own = results(tmp_path / "own", study, {}, {})
    write_text(own / name, content)
    with pytest.raises(CrossbreedError, match=wanted) as caught:
        compared(own, reference)
    assert str(caught.value).startswith(f"{own / name}: ")
    assert "\n" not in str(caught.value)


def test_what_one_side_lacks_is_told(tmp_path: Path, study: Study) -> None:
    claims = {"lower_loss": (0.10, 0.05, 0.15, "contradicted")}
    folders = []
    for name in ("own", "reference"):
        folders.append(results(tmp_path / name, study, claims, {"crossover": (0.1, 0.0, 0.2)}))
        write_text(
            folders[-1] / "gender" / "differences.csv",
            "contrast,metric,mean_difference,interval_low,interval_high\n",
        )
    own, reference = folders
    assert "Not found" not in compared(own, reference)
    (own / "claims.csv").unlink()
    (own / "crossover" / "comparison.csv").unlink()
    told = "Not found in yours: claims.csv, crossover/comparison.csv."
    assert told in compared(own, reference)
    assert told.replace("yours", "the reference") in compared(reference, own)


def test_without_a_record_the_edition_of_the_text_is_not_known(
    tmp_path: Path, study: Study
) -> None:
    folders = [results(tmp_path / name, study, {}, {}) for name in ("own", "reference")]
    (folders[0] / "provenance.json").unlink()
    text = compared(*folders).replace("\n", " ")
    assert "the edition of its text is not known of yours (provenance.json)" in text
    assert "another edition" not in text
    assert "None" not in text


def test_a_key_that_only_one_has_is_absent_from_the_other(tmp_path: Path, study: Study) -> None:
    reference = results(tmp_path / "reference", study, {}, {})
    trainer = {**study.model_dump(mode="json")["trainer"], "warmth": 3}
    own = results(tmp_path / "own", study, {}, {}, trainer=trainer)
    assert "trainer.warmth 3 (reference: absent)" in compared(own, reference)


@pytest.mark.parametrize("text", ["", "[1, 2]", "preset: laptop\n", "{", "\x00"])
def test_a_configuration_that_is_none_is_refused_in_one_line(
    text: str, tmp_path: Path, study: Study
) -> None:
    reference = results(tmp_path / "reference", study, {}, {})
    own = results(tmp_path / "own", study, {}, {})
    (own / "config.yaml").write_text(text)
    with pytest.raises(CrossbreedError, match=r"own/config\.yaml") as caught:
        compared(own, reference)
    assert "\n" not in str(caught.value)


def test_claims_of_another_version_are_refused_in_one_line(tmp_path: Path, study: Study) -> None:
    reference = results(tmp_path / "reference", study, {}, {})
    claims = {"poster": {"label": "poster", "study": "crossover", "what": 1}}
    own = results(tmp_path / "own", study, {}, {}, claims=claims)
    with pytest.raises(CrossbreedError, match="another version"):
        compared(own, reference)


def test_the_closest_reference_is_that_of_the_same_preset_or_settings() -> None:
    small = {"preset": "a", "studies": ["crossover", "gender"], "runs": 5, "epochs": 9}
    large = {"preset": "b", "studies": ["crossover"], "runs": 9, "epochs": 9}
    known = {"a": small, "b": large}
    assert closest({**large, "preset": "a"}, known) == "a"
    assert closest({**large, "preset": "mine", "epochs": 7}, known) == "b"
    assert closest({**small, "preset": "mine"}, known) == "a"
    # However alike the settings: of other studies nothing can be compared.
    assert closest({**large, "preset": "mine", "studies": ["gender"]}, known) == "a"


def test_a_folder_with_a_strange_name_is_compared_by_the_documented_command(
    tmp_path: Path, study: Study
) -> None:
    own = results(tmp_path / "it's a=b", study, {}, {})
    command = ("make", "--silent", "--assume-old=env", "compare", f"RESULTS={own}")
    finished = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    assert f"Yours:     {own} (commit 0123456" in finished.stdout
    missing = subprocess.run(
        (*command[:-1], "RESULTS=results/nothing"),
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert missing.returncode != 0
    assert "crossbreed: results/nothing/config.yaml does not exist" in missing.stderr
    assert "Traceback" not in missing.stderr
