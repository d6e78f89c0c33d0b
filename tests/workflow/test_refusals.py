"""What Snakemake is given wrongly is refused before any job, in words and with the place named."""

from __future__ import annotations

from pathlib import Path

from snakemake_call import snakemake


def refused(folder: Path, *arguments: str) -> list[str]:
    """Return the lines that Snakemake printed; it must have failed and left nothing behind."""
    before = set(folder.iterdir())
    finished = snakemake(folder, *arguments)
    assert finished.returncode == 1
    left = {path.name for path in set(folder.iterdir()) - before}
    assert left <= {".snakemake"}
    return (finished.stdout + finished.stderr).splitlines()


def test_values_on_the_command_line_and_in_a_file_of_the_user(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("runs: many\ntrainer: {lr: 0.1}\n")
    options = ("--configfile", str(file), "--config")
    given = ("turns=3", "dataset={files: {test_labels: {name: ../x}}}")
    # The configuration is refused before Snakemake says a word of its own.
    lines = refused(tmp_path, *options, *given)
    assert [line.split(": ")[:2] for line in lines] == [
        ["crossbreed", "runs = 'many'"],
        ["crossbreed", "dataset.files.test_labels.name = '../x'"],
        ["crossbreed", "trainer.lr = 0.1"],
        ["crossbreed", "turns = 3"],
    ]


def test_a_file_of_the_user_that_snakemake_refuses(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("runs: [1\nepochs: }")
    lines = refused(tmp_path, "--configfile", str(file))
    assert "Config file is not valid JSON or YAML." in lines[1]
    assert not any("Traceback" in line for line in lines)
