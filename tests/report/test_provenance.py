"""What is written down of the code and the machine that made results."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from shutil import copytree

import pytest

from crossbreed.storage.provenance import code_digest, commit_of, processor

CORE = """processor\t: {number}
vendor_id\t: AuthenticAMD
cpu family\t: 25
model\t\t: {model}
model name\t: AMD EPYC
stepping\t: 1

"""


def test_processors_of_one_name_are_told_apart() -> None:
    older = "".join(CORE.format(number=number, model=1) for number in (0, 1))
    assert processor(older) == "AMD EPYC (family 25, model 1, stepping 1)"
    assert processor("model name\t: some: processor\n") == "some: processor"
    # As on ARM, where processors have no name there.
    assert processor("processor\t: 0\nBogoMIPS\t: 50.00\n") == ""
    assert processor("") == ""


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=somebody", "-c", "user.email=somebody@localhost")
    return subprocess.run(
        ["git", *identity, "-C", str(folder), *arguments],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a git checkout with one commit."""
    folder = tmp_path / "a checkout"
    folder.mkdir()
    (folder / "Snakefile").write_text("rule all:\n")
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "first")
    return folder


def test_the_commit_is_the_checkouts_own(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit = git(checkout, "rev-parse", "HEAD")
    # As in a hook of another repository.
    monkeypatch.setenv("GIT_DIR", "/elsewhere/.git")
    assert commit_of(checkout) == {"git_commit": commit, "git_changes": []}
    (checkout / "Snakefile").write_text("rule other:\n")
    assert commit_of(checkout) == {"git_commit": commit, "git_changes": ["M Snakefile"]}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_a_checkout_of_somebody_else_has_a_commit(checkout: Path) -> None:
    for path in (checkout, *checkout.rglob("*")):
        os.chown(path, 12345, 12345)
    assert commit_of(checkout)["git_commit"]


def test_an_archive_inside_another_repository_has_no_commit(checkout: Path) -> None:
    archive = checkout / "crossbreed"
    archive.mkdir()
    told = commit_of(archive)
    assert told["git_commit"] is None
    assert told["no_commit"] == f"{archive} is no git checkout, but lies in that of {checkout}"


@pytest.mark.parametrize("kind", ["no repository", "no git"])
def test_a_missing_commit_has_a_reason(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = "git: not a git repository"
    if kind == "no git":
        monkeypatch.setenv("PATH", str(tmp_path))
        wanted = "git: No such file or directory"
    told = commit_of(tmp_path)
    assert told["git_commit"] is None
    assert told["no_commit"].startswith(wanted)


def test_the_digest_of_the_code_follows_the_code_alone(checkout: Path, tmp_path: Path) -> None:
    before = code_digest(checkout)
    copytree(checkout, tmp_path / "moved", ignore=lambda *_: [".git"])
    (tmp_path / "moved" / "src" / "crossbreed" / "__pycache__").mkdir(parents=True)
    (tmp_path / "moved" / "src" / "crossbreed" / "__pycache__" / "x.pyc").write_bytes(b"compiled")
    (tmp_path / "moved" / "results.csv").write_text("1\n")
    assert code_digest(tmp_path / "moved") == before
    (tmp_path / "moved" / "src" / "crossbreed" / "x.py").write_text("x = 1\n")
    assert code_digest(tmp_path / "moved") != before
