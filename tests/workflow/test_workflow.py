"""The whole workflow, for real: preset `ci`, of which the images here; what each change reruns."""

from __future__ import annotations

import json
import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml

from planner import plan
from repository import REPOSITORY
from study_folder import StudyFolder

REFERENCE = REPOSITORY / "results" / "reference" / "laptop" / "crossover"
SCRIPTS = REPOSITORY / "workflow" / "scripts"
ARMS = (
    *("baseline", "crossover", "clone_best"),
    *("reset_only", "crossover_random", "crossover_aligned"),
)
FIGURES = (
    *("learning_curves", "effects", "paired_runs", "all_networks"),
    *("time_to_target", "loss_barrier"),
)
# What follows another configuration, whatever was changed.
RECORDS = {"provenance": 1, "write_page": 1}
CONCLUDING = {"compare": 1, "measure_cost": 1, "plot": 1, "judge_claims": 1, **RECORDS}
COLLECTORS = {"collect": 4, **CONCLUDING}
TRAINING = {"train": 14, "breed": 10, "evaluate": 2, "measure_barrier": 2}
EVERYTHING = TRAINING | COLLECTORS
LEARNING_RATE = "trainer={learning_rate: 0.002}"
TITLE = "figures={title: Another title}"
RULE = "claims={poster: {claims: {lower_loss: {holds: {below: -0.01}}}}}"
EVENT = "{at: 0.5, select: {rule: top}, merge: {rule: unit_crossover}}"
SOUP = "{at: 0.5, select: {rule: all}, merge: {rule: mean}}"

# By kind: changes of the configuration; the jobs that they make run.
RERUN = {
    "one more run trains only that run": (
        ["runs=3"],
        {"train": 7, "breed": 5, "evaluate": 1, "measure_barrier": 1, **COLLECTORS},
    ),
    "another merge rule runs one arm from its event on": (
        [f"arm={{crossover: {{events: [{EVENT}]}}}}"],
        {"train": 2, "breed": 2, "evaluate": 2, "measure_barrier": 2, **COLLECTORS},
    ),
    # The parents between whom the loss is measured are the same.
    "a new arm trains only itself": (
        [f"arm={{soup: {{label: soup, events: [{SOUP}]}}}}", f"arms=[{', '.join(ARMS)}, soup]"],
        {"train": 2, "breed": 2, "evaluate": 2, "collect": 3, **CONCLUDING},
    ),
    "another learning rate trains everything": ([LEARNING_RATE], EVERYTHING),
    "other content of the data set trains everything": (
        [f"dataset={{files: {{train_images: {{sha256: '{'0' * 64}'}}}}}}"],
        {"download": 1, "prepare": 1, **EVERYTHING},
    ),
    "another source of the same data runs nothing": (
        ["dataset={sources: [{kind: http, url: 'http://localhost'}]}"],
        RECORDS,
    ),
    "another confidence level compares again, in both studies": (
        ["statistics={confidence: 0.9}"],
        {**CONCLUDING, "evaluate_table": 1, "tabulate_modes": 1, "plot_gender": 1},
    ),
    "other resources train nothing": (["gpus=0"], RECORDS),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, ci_study: StudyFolder) -> StudyFolder:
    """Return a copy of the study, for tests that change it; each leaves a whole study."""
    return ci_study.copy(tmp_path_factory.mktemp("copied") / "a study")


@pytest.fixture(scope="module")
def crossover(project: StudyFolder) -> Path:
    return project.results / "crossover"


def test_leaves_the_promised_files(project: StudyFolder, crossover: Path) -> None:
    curves = pd.read_csv(crossover / "curves.csv")
    # 2 runs, 6 arms, 2 epochs, 3 networks.
    assert len(curves) == 2 * 6 * 2 * 3
    assert not curves.duplicated(["run", "arm", "epoch", "network"]).any()
    best = pd.read_csv(crossover / "best.csv")
    assert len(best) == 2 * 6 * 2
    assert best["test_accuracy"].between(0.5, 1).all()
    comparisons = json.loads((crossover / "statistics.json").read_text())["comparisons"]
    assert {comparison["arm"] for comparison in comparisons} == set(ARMS) - {"baseline"}
    primary = [comparison["metric"] for comparison in comparisons if comparison["primary"]]
    assert primary == ["best_train_loss"]
    # Two runs are too few for any verdict, whatever their interval.
    claims = pd.read_csv(project.results / "claims.csv").set_index("source")
    assert set(claims.loc[["poster", "poster_test_loss"], "verdict"]) == {"inconclusive"}
    barrier = pd.read_csv(crossover / "barrier.csv")
    assert barrier.groupby(["run", "path"]).size().eq(11).all()
    for name in FIGURES:
        for suffix in ("svg", "png"):
            assert (crossover / f"{name}.{suffix}").stat().st_size > 10_000
    # 14 times train, 10 breed, 2 evaluate, 2 measure_barrier, 4 collect; prepare, compare,
    # measure_cost, plot.
    assert len(list(project.results.glob("logs/crossover/**/*.log"))) == 36
    log = (project.results / "logs/crossover/train/run-01.crossover.epoch-0002.log").read_text()
    assert re.search(r"epoch 2 of 2: training loss best 0\.\d{4} mean 0\.\d{4}", log)


def test_snakemake_s_own_report_can_be_made(project: StudyFolder) -> None:
    project.call(options=("--report", "mine.html"))
    report = (project.folder / "mine.html").read_text()
    # A figure, the captions of two tables, a rule.
    for wanted in ("learning_curves.svg", "Every declared comparison", "Every claim", "breed"):
        assert wanted in report
    assert 'src="http' not in report


def test_tables_have_the_columns_of_the_published_ones(crossover: Path) -> None:
    # But the one that publishing makes.
    names = {path.name for path in REFERENCE.glob("*.csv")} - {"outcomes_by_epoch.csv"}
    assert len(names) >= 8
    for name in names:
        header, *_ = (REFERENCE / name).read_text().splitlines()
        assert (crossover / name).read_text().splitlines()[0] == header


def test_says_what_can_be_found_before_the_run_and_the_verdicts_at_its_end(
    ci_study: StudyFolder,
) -> None:
    printed = " ".join(ci_study.printed.read_text().split())
    assert "Crossover study, 2 runs of 6 arms: a paired t-test finds differences of 11.5" in printed
    assert "inconclusive lower_loss" in printed
    for reading in ("training loss", "test loss"):
        assert f"main claim of the poster ({reading}) is neither supported nor contra" in printed
    assert "Page: results/ci/index.html" in printed
    assert "Claims of the paper" in printed


def test_the_best_network_is_the_one_with_the_lowest_training_loss(crossover: Path) -> None:
    point = ["run", "arm", "epoch"]
    lowest = pd.read_csv(crossover / "curves.csv").groupby(point)["train_loss"].min()
    best = pd.read_csv(crossover / "best.csv").set_index(point)["train_loss"]
    pd.testing.assert_series_equal(best.sort_index(), lowest)


def test_arms_of_a_run_share_their_trunk(crossover: Path) -> None:
    curves = pd.read_csv(crossover / "curves.csv")
    first, last = (
        epoch.pivot(index=["run", "network"], columns="arm", values="train_loss")
        for _, epoch in curves.groupby("epoch")
    )
    assert first.eq(first["baseline"], axis=0).all(axis=None)
    # Whole arms differ; one network may not: the best goes on in the same way in two of them.
    assert not last.T.duplicated().any()


def test_writes_down_what_made_the_results(project: StudyFolder) -> None:
    provenance = json.loads((project.results / "provenance.json").read_text())
    assert provenance["packages"]["torch"].startswith("2.13.0")
    assert len(provenance["data"]["fashion_mnist"]) == 4
    # The written configuration is a complete one: it runs the same study.
    configured = project.results / "config.yaml"
    assert yaml.safe_load(configured.read_text())["runs"] == 2
    _, printed = plan(project.folder, "--configfile", str(configured))
    assert "Nothing to be done" in printed


@pytest.mark.parametrize(("changes", "wanted"), RERUN.values(), ids=RERUN)
def test_a_change_reruns_what_it_decides(
    project: StudyFolder, changes: list[str], wanted: dict[str, int]
) -> None:
    assert project.jobs(*changes) == wanted


def test_data_fetched_again_hides_no_other_change(project: StudyFolder) -> None:
    # With the download to be done, everything below it must still be found outdated.
    origins = project.folder / "results/data/fashion_mnist/origins.json"
    content = origins.read_bytes()
    origins.unlink()
    try:
        counted = project.jobs(LEARNING_RATE, "dataset={validation: 400}")
    finally:
        origins.write_bytes(content)
        os.utime(origins, (1, 1))
    assert counted == {"download": 1, "prepare": 1, **EVERYTHING}


def test_no_result_of_other_settings_is_used_though_snakemake_s_notes_are_gone(
    project: StudyFolder, tmp_path: Path
) -> None:
    shutil.copytree(project.folder / "results", tmp_path / "results")
    copied = project.at(tmp_path)
    assert copied.jobs("seed=2", "studies=[crossover]") == {"prepare": 1, **EVERYTHING}
    # What was copied with its times remains valid.
    assert copied.jobs() == {}


def test_a_deleted_arm_comes_back_the_same_and_nothing_else_is_trained(
    project: StudyFolder, crossover: Path
) -> None:
    lineages = list(crossover.glob("run-*/crossover_random"))
    assert len(lineages) == 2
    deleted = [path for folder in lineages for path in folder.rglob("*") if path.is_file()]
    # But the times that jobs took.
    same = [
        crossover / "best.csv",
        *(path for path in deleted if ".seconds.json" not in path.name),
    ]
    before = {path: path.read_bytes() for path in same}
    trunk = crossover / "run-01/trunk/epoch-0002/population.safetensors"
    made = trunk.stat().st_mtime
    for path in deleted:
        path.unlink()
    project.call()
    assert project.log().count("Training crossover, run") == 2
    assert {path: path.read_bytes() for path in before} == before
    assert trunk.stat().st_mtime == made
    assert project.jobs() == {}


def test_a_label_and_a_rule_really_run_four_jobs_and_show(
    project: StudyFolder, crossover: Path
) -> None:
    def finished() -> list[str]:
        return sorted(re.findall(r"Finished jobid: \d+ \(Rule: (\w+)\)", project.log()))

    left = "Page, claims and answer are made by a run without a target"
    before = json.loads((project.results / "claims.json").read_text())
    # A figure that was deleted is drawn again with the others.
    (crossover / "effects.svg").unlink()
    printed = project.call(TITLE, RULE, target="crossover")
    assert finished() == ["crossover", "plot"]
    assert (crossover / "effects.svg").is_file()
    assert "Another title" in (crossover / "learning_curves.svg").read_text()
    assert "against baseline" in printed
    assert left in printed
    assert "Page: results" not in printed
    printed = project.call(TITLE, RULE)
    assert finished() == ["all", "judge_claims", "provenance", "write_page"]
    assert left not in printed
    assert "Page: results" in printed
    after = json.loads((project.results / "claims.json").read_text())
    assert before[0]["rules"] != after[0]["rules"]
    assert after[0]["rules"] in (project.results / "index.html").read_text()


@pytest.mark.parametrize("script", ["crossover/train.py", "gender/next_generation.py"])
def test_a_script_explains_itself_and_names_the_keys_that_are_missing(
    script: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(SCRIPTS / script)
    # In this process: what scripts import takes longer than all else.
    monkeypatch.setattr(sys, "argv", [path, "--help"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(path, run_name="__main__")
    assert not ended.value.code
    assert f"python workflow/scripts/{script} KEY=VALUE" in capsys.readouterr().out
    refused = subprocess.run([sys.executable, path], capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    lines = rf"({Path(script).stem}: [\w.]+: missing; it must be given\n)+"
    assert re.fullmatch(lines, refused.stderr)
