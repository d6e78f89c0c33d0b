"""A digest of the code that decides a rule's numbers, so that a change of it reruns the rule.

It covers a script and every module of this package that the script imports, directly or not, with
the versions of the packages that compute for them. It is blind to comments, docstrings and
formatting.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crossbreed.config.schema import EngineName

PACKAGE = "crossbreed"
# Configuration and parameters of a job reach a rule as values, which Snakemake compares itself.
_CARRIES_NO_NUMBERS = (
    *("crossbreed.config.", "crossbreed.errors.", "crossbreed.jobs.job."),
    *(
        "crossbreed.jobs.command_line.",
        "crossbreed.jobs.fingerprint.",
        "crossbreed.jobs.gpu_claim.",
    ),
    *(f"crossbreed.{study}.jobs." for study in ("data", "crossover", "gender", "report")),
)


# What a study with another engine does not run.
_OF_ENGINE: dict[EngineName, tuple[str, ...]] = {
    "torch": (
        *("crossbreed.training.torch_device.", "crossbreed.jobs.torch_compiler."),
        "crossbreed.training.engines.torch_engine.",
        "crossbreed.training.engines.torch_optimizers.",
        "crossbreed.training.engines.stacked_dense.",
        *("crossbreed.training.models.torch_models.", "crossbreed.training.models.dense."),
        "crossbreed.training.models.convolutional.",
    ),
    "tensorflow": (
        "crossbreed.training.keras_backend.",
        "crossbreed.training.engines.tensorflow_engine.",
        "crossbreed.training.models.keras_models.",
    ),
}
# The packages whose versions may change a number or a figure, by the names of their modules.
_COMPUTING = {
    **{name: name for name in ("deap", "keras", "matplotlib", "numpy", "pandas", "scipy", "torch")},
    **{"sklearn": "scikit-learn", "statsmodels": "statsmodels", "tensorflow": "tensorflow"},
}


@cache
def fingerprint(script: Path, engine: EngineName) -> str:
    """Return a digest (12 hexadecimal digits) of a script and the package's code behind it.

    Code that only other engines than `engine` run is left out.
    """
    root = Path(__file__).parents[1]
    others = [start for name, starts in _OF_ENGINE.items() if name != engine for start in starts]
    outside = (*_CARRIES_NO_NUMBERS, *others)
    seen: dict[str, str] = {}
    waiting, packages = _imports(script), _packages(script)
    while waiting:
        module = waiting.pop()
        if module in seen or f"{module}.".startswith(outside):
            continue
        path = _file(root, module)
        if path is None:
            continue
        seen[module] = _skeleton(path)
        waiting |= _imports(path)
        packages |= _packages(path)
    versions = [f"{name} {_version(name)}" for name in sorted(packages)]
    modules = [f"{name} {seen[name]}" for name in sorted(seen)]
    text = "\n".join([_skeleton(script), *modules, *versions])
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _file(root: Path, module: str) -> Path | None:
    path = root.joinpath(*module.split(".")[1:])
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def _version(package: str) -> str:
    """Return a package's version without the tag of its build, such as torch's +cpu."""
    for name in (package, f"{package}-cpu"):
        try:
            return importlib.metadata.version(name).partition("+")[0]
        except importlib.metadata.PackageNotFoundError:
            continue
    return "none"


def _packages(path: Path) -> set[str]:
    """Return the packages that compute for a file."""
    modules = {name.partition(".")[0] for name in _named(path)}
    return {package for module, package in _COMPUTING.items() if module in modules}


def _imports(path: Path) -> set[str]:
    """Return the package's modules that a file names in its imports, wherever they stand."""
    ours = {name for name in _named(path) if name.startswith(f"{PACKAGE}.")}
    # Importing a module runs the packages it lives in.
    return {name[:end] for name in ours for end in _ends_of_parts(name)} - {PACKAGE}


@cache
def _named(path: Path) -> set[str]:
    """Return all names that a file imports, and those of the modules they are from."""
    names: set[str] = set()
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def _ends_of_parts(name: str) -> list[int]:
    return [at for at, letter in enumerate(f"{name}.") if letter == "."]


@cache
def _skeleton(path: Path) -> str:
    """Return the file's syntax tree as text, without docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            kept = [statement for statement in body if not _is_text(statement)]
            body[:] = kept or [ast.Pass()]
    return _canonical(tree)


def _canonical(part: object) -> str:
    """Write a syntax tree alike in all versions of Python, which differ in their empty fields."""
    if isinstance(part, ast.AST):
        fields = ((name, value) for name, value in ast.iter_fields(part) if value not in (None, []))
        inner = " ".join(f"{name}={_canonical(value)}" for name, value in fields)
        return f"({type(part).__name__} {inner})"
    if isinstance(part, list):
        return f"[{' '.join(map(_canonical, part))}]"
    return repr(part)


def _is_text(statement: ast.stmt) -> bool:
    """Tell whether a statement is a string that nothing uses: documentation."""
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )
