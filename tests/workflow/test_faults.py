"""A study killed again and again leaves what an undisturbed one does."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.faults import main


@pytest.mark.slow
def test_killed_study_leaves_what_an_undisturbed_one_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--kills", "30", "--folder", str(tmp_path)]) == 0
    assert "kills survived: 30/30, differing artefacts: 0" in capsys.readouterr().out
