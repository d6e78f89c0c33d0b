"""What each script imports at its start of the packages that take long.

Of processor seconds here: torch 1.4, scipy.stats 0.8, matplotlib 0.6, pandas 0.4, deap 0.1.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from repository import REPOSITORY

SCRIPTS = REPOSITORY / "workflow" / "scripts"
SLOW = {"deap", "matplotlib", "pandas", "scipy", "sklearn", "statsmodels", "tensorflow", "torch"}
# In live searches, mating reads expressions (deap) and ranks (scipy).
SEARCHES = {"deap", "scipy"}
EXPECTED = {
    # Of these, each engine imports its own framework, once it is known which is wanted.
    **{f"crossover/{name}.py": set() for name in ("train", "breed", "collect")},
    **{f"crossover/{name}.py": {"pandas"} for name in ("evaluate", "measure_barrier")},
    **{f"crossover/{name}.py": {"pandas", "scipy"} for name in ("compare", "measure_cost")},
    **{
        f"crossover/{name}.py": {"matplotlib", "pandas", "scipy"}
        for name in ("map_conditions", "plot")
    },
    **{
        f"data/{name}.py": set()
        for name in ("download", "download_text", "prepare", "prepare_text")
    },
    **{f"gender/{name}.py": {"pandas", "torch"} for name in ("train_cells", "train_winner")},
    "gender/train_individuals.py": {"deap", "torch"},
    "gender/gather_table.py": {"pandas"},
    **{
        f"gender/{name}.py": SEARCHES
        for name in ("init_population", "next_generation", "pick_winner", "select_survivors")
    },
    **{
        f"gender/{name}.py": {"pandas", *SEARCHES}
        for name in ("evaluate_predictors", "evaluate_table", "gather", "replay", "tabulate_modes")
    },
    "gender/plot_gender.py": {"matplotlib", "pandas", *SEARCHES},
    "report/judge_claims.py": {"pandas", "scipy"},
    "report/provenance.py": set(),
    "report/write_page.py": {"pandas", "scipy"},
}


def imported(path: Path) -> Iterator[str]:
    """Return what a file imports when it is run, not in functions or for types."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def slow_packages(script: Path) -> set[str]:
    """Return the slow packages behind a script, by way of this project's modules."""
    slow, seen, waiting = set(), set[Path](), [script]
    while waiting:
        for name in imported(waiting.pop()):
            first, *parts = name.split(".")
            slow |= {first} & SLOW
            modules = [Path("src", first, *parts[:end]) for end in range(1, len(parts) + 1)]
            files = {
                REPOSITORY / file
                for module in modules
                for file in (module.with_suffix(".py"), module / "__init__.py")
                if (REPOSITORY / file).is_file()
            }
            waiting += files - seen
            seen |= files
    return slow


def test_scripts_import_no_more_than_they_need() -> None:
    scripts = sorted(SCRIPTS.glob("*/*.py"))
    actual = {str(path.relative_to(SCRIPTS)): slow_packages(path) for path in scripts}
    assert actual == EXPECTED
