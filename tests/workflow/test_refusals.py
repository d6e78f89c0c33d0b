"""What Snakemake is given wrongly is refused before any job, in words and with the place named."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from repository import REPOSITORY
from snakemake_call import snakemake


def refused(checkout: Path, folder: Path, *arguments: str) -> str:
    """Return what Snakemake printed; it must have failed and left nothing behind."""
    before = set(folder.iterdir())
    finished = snakemake(folder, *arguments, checkout=checkout)
    assert finished.returncode == 1
    left = {path.name for path in set(folder.iterdir()) - before}
    assert left <= {".snakemake"}
    return finished.stdout + finished.stderr


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("preset=../x", "preset = '../x': must be one of "),
        ("figures={title: ", "figures = '{title: ': must be a mapping of keys to values"),
        ("dataset={files: {test_labels: {name: ../x}}}", "dataset.files.test_labels.name = '../x'"),
    ],
)
def test_a_value_on_the_command_line(tmp_path: Path, given: str, told: str) -> None:
    # The configuration is refused before Snakemake says a word of its own.
    (line,) = refused(REPOSITORY, tmp_path, "--config", given).splitlines()
    assert line.startswith(f"crossbreed: {told}")


def test_keys_in_a_file_of_the_user(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(f"runs: 0x{'f' * 6000}\narms: {{a: {{b: 1}}}}\n1: [2]\nfigures: {{null: 3}}\n")
    printed = refused(REPOSITORY, tmp_path, "--configfile", str(file))
    assert printed.splitlines() == [
        "crossbreed: 1 = [2]: a key must be printable text",
        "crossbreed: runs = 10**7225: must be a number of at most 308 digits",
        "crossbreed: figures.None = 3: a key must be printable text",
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"runs: [1\nepochs: }", "Config file is not valid JSON or YAML."),
        (b"- 1\n- 2\n", "Config file must be given as JSON or YAML with keys at top level."),
    ],
    ids=["broken", "list"],
)
def test_a_file_of_the_user_that_snakemake_refuses(
    tmp_path: Path, content: bytes, told: str
) -> None:
    file = tmp_path / "mine.yaml"
    file.write_bytes(content)
    printed = refused(REPOSITORY, tmp_path, "--configfile", str(file))
    assert "Traceback" not in printed
    assert printed.splitlines()[1].startswith(told)


@pytest.mark.parametrize("content", [None, b"runs: \xff\xfe\n"], ids=["missing", "bytes"])
def test_a_file_of_the_user_that_snakemake_fails_on(tmp_path: Path, content: bytes | None) -> None:
    # With Snakemake's own traceback: it reads the file before any line of the study's.
    file = tmp_path / "mine.yaml"
    if content is not None:
        file.write_bytes(content)
    last = refused(REPOSITORY, tmp_path, "--configfile", str(file)).strip().splitlines()[-1]
    assert str(file) in last or "utf-8" in last


@pytest.mark.parametrize(
    ("file", "content", "told"),
    [
        ("arm/mine.yaml", "label: [x\nevents: }", "config/arm/mine.yaml, line 2, column 7: is not"),
        ("preset/mine.yaml", "runs: \udcff", "config/preset/mine.yaml: is not UTF-8 text"),
        ("preset/mine.yaml", "# @package _global_\nturns: 3\n", "turns = 3: unknown key"),
    ],
    ids=["syntax", "bytes", "key"],
)
def test_a_file_of_the_configuration(tmp_path: Path, file: str, content: str, told: str) -> None:
    checkout, folder = tmp_path / "checkout", tmp_path / "work"
    folder.mkdir()
    shutil.copytree(REPOSITORY / "config", checkout / "config")
    for name in ("workflow", "src", "envs"):
        (checkout / name).symlink_to(REPOSITORY / name)
    shutil.copy(REPOSITORY / "Snakefile", checkout)
    preset = Path(file).stem if file.startswith("preset") else "ci"
    (checkout / "config" / file).write_bytes(content.encode(errors="surrogateescape"))
    (line,) = refused(checkout, folder, "--config", f"preset={preset}").splitlines()
    assert line.startswith(f"crossbreed: {told}")
