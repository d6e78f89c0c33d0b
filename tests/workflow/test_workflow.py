"""The whole workflow, for real: preset `ci` on Fashion-MNIST, and what each change reruns."""

from __future__ import annotations

import json
import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from planner import plan
from repository import REPOSITORY
from snakemake_call import planned_jobs, snakemake

REFERENCE = REPOSITORY / "results" / "reference" / "laptop" / "crossover"
ARMS = (
    *("baseline", "crossover", "clone_best"),
    *("reset_only", "crossover_random", "crossover_aligned"),
)
FIGURES = (
    *("learning_curves", "effects", "paired_runs", "all_networks"),
    *("time_to_target", "loss_barrier"),
)
# What follows another configuration, whatever was changed.
RECORDS = {"provenance": 1, "page": 1}
COLLECTORS = {
    **{"collect": 4, "compare": 1, "measure_cost": 1, "plot": 1, "judge": 1},
    **RECORDS,
}
RULE = "claims={poster: {claims: {lower_loss: {holds: {below: -0.01}}}}}"
EVERYTHING = {"train": 14, "breed": 10, "evaluate": 2, "measure_barrier": 2, **COLLECTORS}


class Project:
    """A folder in which preset `ci` has been run."""

    def __init__(self, folder: Path, mirror: Path) -> None:
        self.folder = folder
        self.results = folder / "results" / "ci"
        self.crossover = self.results / "crossover"
        self.mirror = mirror
        self._configured = (
            *("--config", "preset=ci", "studies=[crossover]"),
            f"data={{mirror: {mirror}}}",
        )
        # What the first call prints.
        self.printed = ""

    def call(self, *changes: str, options: tuple[str, ...] = ()) -> str:
        """Run Snakemake, expecting success, and return what it printed."""
        finished = snakemake(self.folder, *options, *self._configured, *changes)
        assert finished.returncode == 0, finished.stdout + finished.stderr
        return finished.stdout + finished.stderr

    def jobs(self, *changes: str) -> dict[str, int]:
        """Return the jobs that Snakemake would run, by rule."""
        status, printed = plan(self.folder, *self._configured, *changes)
        assert status == 0, printed
        return planned_jobs(printed, "all")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, mirror: Path) -> Project:
    # A space in the path, as in many a home folder.
    project = Project(tmp_path_factory.mktemp("a study"), mirror)
    project.printed = project.call()
    return project


def test_leaves_the_promised_files(project: Project) -> None:
    curves = pd.read_csv(project.crossover / "curves.csv")
    assert list(curves.columns) == [
        *("run", "arm", "epoch", "network"),
        *("train_loss", "validation_loss", "validation_accuracy"),
    ]
    # 2 runs, 6 arms, 2 epochs, 3 networks.
    assert len(curves) == 2 * 6 * 2 * 3
    assert not curves.duplicated(["run", "arm", "epoch", "network"]).any()
    best = pd.read_csv(project.crossover / "best.csv")
    assert list(best.columns) == [
        *("run", "arm", "epoch", "network"),
        *("train_loss", "validation_loss", "test_loss", "test_accuracy"),
    ]
    assert len(best) == 2 * 6 * 2
    assert best["test_accuracy"].between(0.5, 1).all()
    comparisons = json.loads((project.crossover / "statistics.json").read_text())["comparisons"]
    assert {one["arm"] for one in comparisons} == set(best["arm"]) - {"baseline"}
    assert [one["metric"] for one in comparisons if one["primary"]] == ["best_train_loss"]
    claims = pd.read_csv(project.results / "claims.csv")
    assert list(claims.columns) == [
        *("claim", "source", "statement", "published", "measured"),
        *("interval_low", "interval_high", "runs", "p_value", "verdict"),
    ]
    # Two runs are too few for any verdict, whatever their interval.
    assert set(claims["verdict"]) == {"inconclusive"}
    barrier = pd.read_csv(project.crossover / "barrier.csv")
    assert barrier.groupby(["run", "path"]).size().eq(11).all()
    for name in FIGURES:
        for suffix in ("svg", "png"):
            assert (project.crossover / f"{name}.{suffix}").stat().st_size > 10_000


def test_snakemake_s_own_report_can_be_made(project: Project) -> None:
    project.call(options=("--report", "mine.html"))
    report = (project.folder / "mine.html").read_text()
    # A figure, the captions of two tables, a rule.
    for wanted in ("learning_curves.svg", "Every declared comparison", "Every claim", "breed"):
        assert wanted in report
    assert 'src="http' not in report


def test_tables_have_the_columns_of_the_published_ones(project: Project) -> None:
    published = sorted(REFERENCE.glob("*.csv"))
    # But the one that publishing makes.
    ours = [
        project.crossover / path.name for path in published if path.name != "outcomes_by_epoch.csv"
    ]
    assert len(ours) >= 8
    for path in ours:
        header, *_ = (REFERENCE / path.name).read_text().splitlines()
        assert path.read_text().splitlines()[0] == header


def test_says_what_can_be_found_before_the_run_and_the_verdicts_at_its_end(
    project: Project,
) -> None:
    assert "2 runs: a paired t-test finds differences of 11.5 times their spread" in project.printed
    assert "inconclusive  lower_loss" in project.printed
    printed = " ".join(project.printed.split())
    for reading in ("training loss", "test loss"):
        assert f"main claim of the poster ({reading}) is neither supported nor contra" in printed
    assert "Page: results/ci/index.html" in project.printed
    assert "Claims of the paper" not in project.printed


def test_the_best_network_is_the_one_with_the_lowest_training_loss(project: Project) -> None:
    curves = pd.read_csv(project.crossover / "curves.csv")
    best = pd.read_csv(project.crossover / "best.csv")
    lowest = curves.groupby(["run", "arm", "epoch"])["train_loss"].min().reset_index()
    joined = best.merge(lowest, on=["run", "arm", "epoch"], suffixes=("", "_lowest"))
    assert len(joined) == len(best)
    np.testing.assert_array_equal(joined["train_loss"], joined["train_loss_lowest"])


def test_arms_of_a_run_share_their_trunk(project: Project) -> None:
    curves = pd.read_csv(project.crossover / "curves.csv")
    first = curves[curves["epoch"] == 1].pivot_table(
        index=["run", "network"], columns="arm", values="train_loss"
    )
    assert first.eq(first["baseline"], axis=0).all(axis=None)
    last = curves[curves["epoch"] == 2].pivot_table(
        index=["run", "network"], columns="arm", values="train_loss"
    )
    # Whole arms differ; one network may not: the best goes on in the same way in two of them.
    assert not last.T.duplicated().any()


def test_writes_down_what_made_the_results(project: Project) -> None:
    provenance = json.loads((project.results / "provenance.json").read_text())
    assert provenance["packages"]["torch"].startswith("2.13.0")
    assert len(provenance["data"]["fashion_mnist"]) == 4
    # The written configuration is a complete one: it runs the same study.
    configured = yaml.safe_load((project.results / "config.yaml").read_text())
    assert configured["runs"] == 2
    _, printed = plan(project.folder, "--configfile", str(project.results / "config.yaml"))
    assert "Nothing to be done" in printed


def test_every_job_left_a_log(project: Project) -> None:
    logs = list(project.results.glob("logs/**/*.log"))
    # 14 times train, 10 breed, 2 evaluate, 2 measure_barrier, 4 collect; prepare, compare,
    # measure_cost, plot, judge, provenance, page.
    assert len(logs) == 39
    log = (project.results / "logs/crossover/train/run-01.crossover.epoch-0002.log").read_text()
    assert re.search(r"epoch 2 of 2: training loss best 0\.\d{4} mean 0\.\d{4}", log)


def test_nothing_changed_runs_nothing(project: Project) -> None:
    assert project.jobs() == {}


def test_one_more_run_trains_only_that_run(project: Project) -> None:
    assert project.jobs("runs=3") == {
        **{"train": 7, "breed": 5, "evaluate": 1, "measure_barrier": 1},
        **COLLECTORS,
    }


def test_another_merge_rule_runs_one_arm_from_its_event_on(project: Project) -> None:
    change = (
        "arm={crossover: {events: [{at: 0.5, select: {rule: top}, merge: {rule: unit_crossover}}]}}"
    )
    assert project.jobs(change) == {
        **{"train": 2, "breed": 2, "evaluate": 2, "measure_barrier": 2},
        **COLLECTORS,
    }


def test_a_new_arm_trains_only_itself(project: Project) -> None:
    change = (
        "arm={soup: {label: soup, events: [{at: 0.5, select: {rule: all}, merge: {rule: mean}}]}}"
    )
    arms = f"arms=[{', '.join(ARMS)}, soup]"
    # The parents between whom the loss is measured are the same.
    assert project.jobs(change, arms) == {
        **{"train": 2, "breed": 2, "evaluate": 2},
        **{**COLLECTORS, "collect": 3},
    }


def test_another_learning_rate_trains_everything(project: Project) -> None:
    assert project.jobs("trainer={learning_rate: 0.002}") == EVERYTHING


def test_another_split_prepares_and_trains_everything(project: Project) -> None:
    assert project.jobs("dataset={validation: 400}") == {"prepare": 1, **EVERYTHING}


def test_data_fetched_again_hides_no_other_change(project: Project) -> None:
    # With the download to be done, everything below it must still be found outdated.
    origins = project.folder / "results/data/fashion_mnist/origins.json"
    content = origins.read_bytes()
    origins.unlink()
    try:
        counted = project.jobs("trainer={learning_rate: 0.002}", "dataset={validation: 400}")
    finally:
        origins.write_bytes(content)
        os.utime(origins, (1, 1))
    assert counted == {"download": 1, "prepare": 1, **EVERYTHING}


def test_other_content_of_the_data_set_trains_everything(project: Project) -> None:
    content = f"{{train_images: {{sha256: '{'0' * 64}'}}}}"
    assert project.jobs(f"dataset={{files: {content}}}") == {
        "download": 1,
        "prepare": 1,
        **EVERYTHING,
    }


def test_another_source_of_the_same_data_runs_nothing(project: Project) -> None:
    source = "{kind: http, url: 'http://localhost'}"
    assert project.jobs(f"dataset={{sources: [{source}]}}") == RECORDS


@pytest.mark.parametrize(
    "change", ["figures={title: Another title}", "arm={crossover: {label: Another label}}"]
)
def test_a_label_draws_the_figure_and_writes_the_page_again(project: Project, change: str) -> None:
    assert project.jobs(change) == {"plot": 1, **RECORDS}


def test_another_confidence_level_compares_again(project: Project) -> None:
    assert project.jobs("statistics={confidence: 0.9}") == {
        **{"compare": 1, "measure_cost": 1, "plot": 1, "judge": 1},
        **RECORDS,
    }


def test_no_result_of_other_settings_is_used_though_snakemake_s_notes_are_gone(
    project: Project, tmp_path: Path
) -> None:
    shutil.copytree(project.folder / "results", tmp_path / "results")
    copied = Project(tmp_path, project.mirror)
    other = copied.jobs("runs=3", "trainer={learning_rate: 0.01}")
    assert other == COLLECTORS | {"train": 21, "breed": 15, "evaluate": 3, "measure_barrier": 3}
    assert copied.jobs("seed=2") == {"prepare": 1, **EVERYTHING}
    # What was copied with its times remains valid.
    assert copied.jobs() == {}


def test_another_rule_of_a_claim_judges_again(project: Project) -> None:
    assert project.jobs(RULE) == {"judge": 1, **RECORDS}


def test_other_resources_train_nothing(project: Project) -> None:
    assert project.jobs("gpus=0") == RECORDS


def test_a_deleted_arm_comes_back_the_same_and_nothing_else_is_trained(project: Project) -> None:
    lineages = list(project.crossover.glob("run-*/crossover_random"))
    assert len(lineages) == 2
    before = {
        path: path.read_bytes()
        for folder in lineages
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    best = (project.crossover / "best.csv").read_bytes()
    trunk = (project.crossover / "run-01/trunk/epoch-0002/population.safetensors").stat()
    for path in before:
        path.unlink()
    counted = project.jobs()
    assert {rule: counted[rule] for rule in ("train", "breed")} == {"train": 2, "breed": 2}
    printed = project.call()
    assert printed.count("Training crossover, run") == 2
    assert {path: path.read_bytes() for path in before} == before
    assert (project.crossover / "best.csv").read_bytes() == best
    assert (
        project.crossover / "run-01/trunk/epoch-0002/population.safetensors"
    ).stat().st_mtime == trunk.st_mtime
    assert project.jobs() == {}


def test_conclusions_are_printed_of_a_whole_study_only(project: Project) -> None:
    left = "Page, claims and answer were left as they are"
    (project.crossover / "comparison.csv").unlink()
    printed = project.call(options=("results/ci/crossover/comparison.csv",))
    assert "against baseline" not in printed
    assert left not in printed
    (project.crossover / "effects.svg").unlink()
    printed = project.call(options=("crossover",))
    assert "against baseline" in printed
    assert left in printed
    assert "Page: results" not in printed
    (project.results / "index.html").unlink()
    printed = project.call(options=("crossover", "all"))
    assert "against baseline" in printed
    assert left not in printed
    assert "Page: results" in printed


def test_a_label_and_a_rule_really_run_four_jobs_and_show(project: Project) -> None:
    before = json.loads((project.results / "claims.json").read_text())
    printed = project.call("figures={title: Another title}", RULE)
    finished = re.findall(r"Finished jobid: \d+ \(Rule: (\w+)\)", printed)
    assert sorted(finished) == ["all", "judge", "page", "plot", "provenance"]
    assert "Another title" in (project.crossover / "learning_curves.svg").read_text()
    after = json.loads((project.results / "claims.json").read_text())
    assert before[0]["rules"] != after[0]["rules"]
    assert after[0]["rules"] in (project.results / "index.html").read_text()
    project.call()


def test_a_bad_value_is_one_clear_line_before_any_job(tmp_path: Path) -> None:
    finished = snakemake(tmp_path, "--config", "preset=ci", "epochs=-3")
    assert finished.returncode == 1
    assert finished.stderr == "crossbreed: epochs = -3: must be greater than or equal to 2\n"
    assert not (tmp_path / "results").exists()


SCRIPTS = REPOSITORY / "workflow/scripts"


@pytest.mark.parametrize(
    "script", sorted(str(path.relative_to(SCRIPTS)) for path in SCRIPTS.glob("*/*.py"))
)
def test_every_script_explains_itself(
    script: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(SCRIPTS / script)
    # In this process: what scripts import takes longer than all else.
    monkeypatch.setattr(sys, "argv", [path, "--help"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(path, run_name="__main__")
    assert not ended.value.code
    assert f"python workflow/scripts/{script} KEY=VALUE" in capsys.readouterr().out


@pytest.mark.parametrize("script", ["crossover/breed", "gender/next_generation"])
def test_a_script_names_the_keys_that_are_missing(script: str) -> None:
    command = [sys.executable, str(SCRIPTS / f"{script}.py")]
    refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    lines = rf"({Path(script).name}: [\w.]+: missing; it must be given\n)+"
    assert re.fullmatch(lines, refused.stderr)
