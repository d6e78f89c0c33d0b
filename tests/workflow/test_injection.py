"""No text of the configuration is read as a command, by a shell, Snakemake, Hydra or matplotlib."""

from __future__ import annotations

import json
from pathlib import Path

import yaml
from markupsafe import escape

from crossbreed.config.compose import compose_study
from repository import CONFIG, REPOSITORY
from snakemake_call import snakemake
from user_changes import event

TEXT = (
    "; touch pwned $(touch pwned) `touch pwned` ' ; touch pwned ; ' \" ; touch pwned ; \" {input} "
    "${seed} $IFS&&touch${IFS}pwned| \\'; touch pwned; \\'"
)
# An address has no spaces.
ADDRESS = "http://localhost:9/" + TEXT.replace(" ", "${IFS}")


def test_the_whole_study_runs_with_hostile_texts(
    tmp_path: Path, mirror: Path, text_folder: Path
) -> None:
    data = tmp_path / TEXT
    data.mkdir()
    for file in (*mirror.iterdir(), *text_folder.iterdir()):
        (data / file.name).symlink_to(file)
    user = {
        "preset": "ci",
        "runs": 1,
        "population": {"size": 2},
        "dataset": {
            "train": 64,
            "validation": 32,
            "test": 32,
            "sources": [
                {"kind": "http", "url": ADDRESS},
                {"kind": "debian", "package": "dataset-fashion-mnist", "folder": TEXT},
            ],
        },
        "model": {"hidden_widths": [4]},
        "data": {"mirror": str(data)},
        "arms": ["baseline", "crossover", "mine"],
        "arm": {
            "baseline": {"label": TEXT},
            "crossover": {"label": f"crossover {TEXT}"},
            "mine": {"label": f"mine {TEXT}", "events": [event()]},
        },
        "statistics": {"resamples": 99},
        "figures": {"title": TEXT, "epoch_label": TEXT, "loss_label": TEXT},
        "claims": {
            "poster": {
                "label": TEXT,
                "question": TEXT,
                "claims": {"lower_loss": {"statement": TEXT}},
            }
        },
        "text": {"editions": {name: {"title": TEXT} for name in ("tinyshakespeare", "gutenberg")}},
        "gender": {
            "modes": ["baseline", "combined"],
            "space": {"width": [16], "learning_rate": [0.002], "batch_size": [8]},
            "table": {"shares": [1.0]},
        },
        "mode": {"baseline": {"label": TEXT}, "combined": {"label": f"combined {TEXT}"}},
    }
    written = compose_study(CONFIG, user).model_dump(mode="json")
    assert compose_study(CONFIG, written).model_dump(mode="json") == written

    configured = tmp_path / "mine.yaml"
    configured.write_text(yaml.safe_dump(user))
    finished = snakemake(tmp_path, "--configfile", str(configured))
    assert finished.returncode == 0, finished.stdout + finished.stderr
    results = tmp_path / "results" / "ci"
    drawn = (results / "crossover" / "learning_curves.svg").read_text()
    # The title, two labels below the axes, one beside, one in the legend; escaped as XML needs.
    in_svg = TEXT.replace("&", "&amp;")
    assert drawn.count(f"<!-- {in_svg} -->") == 5
    for label in (f"crossover {in_svg}", f"mine {in_svg}", f"difference from {in_svg}"):
        assert f"<!-- {label} -->" in drawn
    kept = yaml.safe_load((results / "config.yaml").read_text())
    assert kept == written | {"data": {"mirror": None}}
    (main, *_) = json.loads((results / "claims.json").read_text())
    assert (main["question"], main["claims"][0]["statement"]) == (TEXT, TEXT)
    assert escape(TEXT) in (results / "index.html").read_text()
    # Also where a part of the text became a part of the name.
    assert not list(tmp_path.rglob("pwned*"))
    assert not list(REPOSITORY.glob("pwned*"))
