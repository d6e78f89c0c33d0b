"""Snakemake's own ways into a workflow: as a module, included, with options of its own."""

from __future__ import annotations

from pathlib import Path

from planner import plan
from repository import REPOSITORY
from snakemake_call import planned_jobs, snakemake

CI = ("--config", "preset=ci", "studies=[crossover]")
PAGE = "results/ci/index.html"
MODULE = """
module crossbreed:
    snakefile: "{repository}/Snakefile"
    config: {{**config, "preset": "ci", "studies": ["crossover"]}}
{options}
use rule * from crossbreed as bred_*

rule mine:
    default_target: True
    input: "{page}", "own.txt"

# Whose parameters are no business of the study's.
rule own:
    output: "own.txt"
    params: code=print
    shell: "touch {{output}}"
"""


def module(folder: Path, options: str = "") -> None:
    text = MODULE.format(repository=REPOSITORY, options=options, page=PAGE)
    (folder / "Snakefile").write_text(text)


def test_another_workflow_takes_it_as_a_module(tmp_path: Path) -> None:
    module(tmp_path)
    (tmp_path / "own.txt").touch()
    status, printed = plan(tmp_path, checkout=tmp_path)
    assert status == 0, printed
    jobs = planned_jobs(printed, "mine")
    assert jobs["bred_train"] == 14
    assert "own" not in jobs
    status, printed = plan(tmp_path, "--config", "epochs=0", checkout=tmp_path)
    assert status == 1
    assert "crossbreed: epochs = 0" in printed


def test_a_module_has_the_study_as_its_default(tmp_path: Path) -> None:
    text = MODULE.format(repository=REPOSITORY, options="", page=PAGE)
    (tmp_path / "Snakefile").write_text(text.replace("    default_target: True\n", ""))
    status, printed = plan(tmp_path, checkout=tmp_path)
    assert status == 0, printed
    assert planned_jobs(printed, "bred_all")["bred_train"] == 14


def test_a_module_s_prefix_is_refused(tmp_path: Path) -> None:
    module(tmp_path, '    prefix: "sub"')
    status, printed = plan(tmp_path, checkout=tmp_path)
    assert status == 1
    assert printed.strip().splitlines()[-1].startswith("crossbreed: prefix and replace_prefix of a")


def test_another_workflow_includes_it(tmp_path: Path) -> None:
    text = f'include: "{REPOSITORY}/Snakefile"\nrule mine:\n    input: "{PAGE}"\n'
    (tmp_path / "Snakefile").write_text(text)
    status, printed = plan(tmp_path, "mine", *CI, checkout=tmp_path)
    assert status == 0, printed
    assert planned_jobs(printed, "mine")["train"] == 14


def test_touching_without_results_ends_well_and_makes_none(tmp_path: Path) -> None:
    ended = snakemake(tmp_path, "--touch", *CI)
    assert ended.returncode == 0, ended.stderr
    assert "Error" not in ended.stderr
    results = tmp_path / "results"
    made = [path for path in results.rglob("*") if path.is_file() and path.suffix != ".log"]
    assert made == []
