"""The examples of docs/how-to/table.md run as they stand, on the published table."""

from __future__ import annotations

import re
from typing import Any

import pytest

from repository import REPOSITORY

PAGE = (REPOSITORY / "docs" / "how-to" / "table.md").read_text(encoding="utf-8")
LOAD, REPLAY, EXPORT = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)


@pytest.fixture(autouse=True)
def _at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPOSITORY)


def test_a_table_is_loaded_in_three_lines(capsys: pytest.CaptureFixture[str]) -> None:
    assert len([line for line in LOAD.splitlines() if line]) == 3
    names: dict[str, Any] = {}
    exec(LOAD, names)
    table = names["table"]
    best = min(table["validation_loss"])
    assert f"{best:.4f}" in capsys.readouterr().out


def test_an_own_search_rule_is_replayed(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {}
    exec(REPLAY, names)
    cells, table = names["cells"], names["table"]
    assert len(cells) == 1
    measured = table.trial(cells[0], 2, 1.0).final_loss
    assert str(measured) in capsys.readouterr().out


def test_a_table_is_exported_to_syne_tune() -> None:
    pytest.importorskip("syne_tune.blackbox_repository", reason="Syne Tune is not installed")
    names: dict[str, Any] = {}
    exec(EXPORT, names)
    table, blackbox = names["table"], names["blackbox"]
    row = table[(table["seed"] == 1)].iloc[0]
    cell = {gene: row[gene] for gene in names["genes"]}
    points = names["points"]
    at_end = blackbox(cell, fidelity={"point": len(points)}, seed=0)
    assert at_end["validation_loss"] == pytest.approx(row[points[-1]])
    assert at_end["elapsed_time"] == pytest.approx(row["training_seconds"])
