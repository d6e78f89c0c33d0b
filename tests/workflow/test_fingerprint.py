from __future__ import annotations

import importlib.metadata
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import crossbreed
from crossbreed.jobs import fingerprint

SCRIPT = '''"""Double something."""
from crossbreed.double import double

print(double(3))
'''
DOUBLE = '''"""Doubling."""
import crossbreed.config.base
from crossbreed.breeding.event import breed
from crossbreed.deeper import LIMIT


class Doubler:
    factor = 2


def double(value):
    # Twice as much.
    return Doubler.factor * value


def later():
    from crossbreed import lazy

    return lazy.FACTOR, LIMIT, breed
'''

ADDED = "\nADDED = 1\n"


def copy_package(folder: Path) -> Path:
    """Copy the package and give it a script and modules whose text these tests know."""
    package = folder / "crossbreed"
    shutil.copytree(
        Path(crossbreed.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__")
    )
    (package / "double.py").write_text(DOUBLE)
    (package / "deeper.py").write_text('"""Deeper."""\nLIMIT = 10\n')
    (package / "lazy.py").write_text("FACTOR = 3\n")
    (package / "unrelated.py").write_text("FACTOR = 4\n")
    (folder / "script.py").write_text(SCRIPT)
    return folder


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return copy_package(tmp_path)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the digest of an untouched copy, which lies in another folder."""
    return digest(copy_package(tmp_path_factory.mktemp("original")))


def digest(copy: Path, engine: str = "torch") -> str:
    """Take the digest in a new process, as each call of Snakemake does, by the copied package."""
    code = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[1]);"
        "from crossbreed.jobs import fingerprint as module;"
        "assert Path(module.__file__).is_relative_to(sys.argv[1]), module.__file__;"
        "print(module.fingerprint(Path(sys.argv[1], 'script.py'), sys.argv[2]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(copy), engine],
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


def change(path: Path, before: str, after: str) -> None:
    text = path.read_text()
    assert text.count(before) == 1, f"{before!r} must occur once in {path}"
    path.write_text(text.replace(before, after))


def append(path: Path, text: str) -> None:
    assert path.is_file(), f"{path} must exist"
    with path.open("a") as stream:
        stream.write(text)


def test_cosmetic_changes_and_another_folder_leave_the_digest(copy: Path, original: str) -> None:
    assert re.fullmatch(r"[0-9a-f]{12}", original)
    double = copy / "crossbreed" / "double.py"
    change(double, "    # Twice as much.\n", "")
    change(double, '"""Doubling."""', '"""What doubling is."""')
    change(double, "def later():\n", 'def later():\n    """Say more."""\n')
    change(double, "    factor = 2\n", '    factor  =  2\n\n    """What to multiply by."""\n\n')
    change(double, "Doubler.factor * value", "(\n        Doubler.factor\n        * value\n    )")
    change(copy / "script.py", '"""Double something."""', "# Double something.")
    assert digest(copy) == original


@pytest.mark.parametrize(
    "file",
    [
        *("script.py", "crossbreed/double.py", "crossbreed/deeper.py", "crossbreed/lazy.py"),
        # Behind what breeds.
        *("crossbreed/breeding/merging.py", "crossbreed/randomness.py"),
    ],
)
def test_changed_code_changes_the_digest(copy: Path, original: str, file: str) -> None:
    append(copy / file, ADDED)
    assert digest(copy) != original


def test_configuration_and_unrelated_modules_leave_the_digest(copy: Path, original: str) -> None:
    for file in ("config/base.py", "config/arms.py", "unrelated.py", "training/checkpoint.py"):
        append(copy / "crossbreed" / file, ADDED)
    assert digest(copy) == original


def test_package_that_an_imported_module_lives_in_counts_too(copy: Path) -> None:
    # Importing crossbreed.outer.inner runs crossbreed/outer/__init__.py.
    outer = copy / "crossbreed" / "outer"
    outer.mkdir()
    for name in ("__init__", "inner"):
        (outer / f"{name}.py").touch()
    append(copy / "script.py", "import crossbreed.outer.inner\n")
    original = digest(copy)
    append(outer / "__init__.py", ADDED)
    assert digest(copy) != original


def test_code_of_one_engine_leaves_the_digest_of_the_other(copy: Path) -> None:
    (copy / "script.py").write_text("from crossbreed.training.engines import create_engine\n")
    before = {engine: digest(copy, engine) for engine in ("torch", "tensorflow")}
    assert before["torch"] != before["tensorflow"]
    append(copy / "crossbreed/training/engines/tensorflow_engine.py", ADDED)
    assert digest(copy) == before["torch"]
    append(copy / "crossbreed/training/engines/torch_engine.py", ADDED)
    assert digest(copy) != before["torch"]
    append(copy / "crossbreed/training/population.py", ADDED)
    assert digest(copy, "tensorflow") != before["tensorflow"]


def test_versions_of_packages_that_compute_count(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (copy / "script.py").write_text(f"import torch.nn\nimport json\n{SCRIPT}")
    installed = importlib.metadata.version

    def digest_with(package: str, version: str) -> str:
        monkeypatch.setattr(
            importlib.metadata,
            "version",
            lambda name: version if name == package else installed(name),
        )
        for cached in (fingerprint.fingerprint, fingerprint._version):
            cached.cache_clear()
        return fingerprint.fingerprint(copy / "script.py", "torch")

    ours = digest_with("torch", "2.13.0")
    # What computes the same in another build; what is not used.
    assert digest_with("torch", "2.13.0+cpu") == ours
    assert digest_with("matplotlib", "1.0") == digest_with("matplotlib", "2.0")
    assert digest_with("torch", "2.13.1") != ours
