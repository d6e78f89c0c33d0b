"""What jobs are told by their environment: all that changes no number.

In the environment rather than in parameters: where the checkout lies, verified data come from and
how often progress is saved changes no number, so it must rerun no training. Each process that runs
jobs, on whichever machine, sets it for itself.
"""

from __future__ import annotations

import os
import sys
from collections.abc import MutableMapping
from pathlib import Path

from crossbreed.config.overrides import override
from crossbreed.config.schema import Study


def set_environment(study: Study, root: Path, environment: MutableMapping[str, str]) -> None:
    """Set the variables that the rules' commands name.

    Parameters
    ----------
    study
        The resolved configuration.
    root
        Folder of the checkout.
    environment
        That of this process, which its jobs inherit.
    """
    environment["SCRIPTS"] = str(root / "workflow" / "scripts")
    environment["REPOSITORY"] = override("repository", str(root))
    environment["REPORT_FOLDER"] = override("folder", str(root / "workflow" / "report"))
    environment["MIRROR"] = override("data.mirror", study.data.mirror)
    sources = study.dataset.model_dump(mode="json")["sources"]
    environment["SOURCES"] = override("sources", sources)
    editions = {
        name: edition.model_dump(mode="json")
        for name, edition in study.text.editions.items()
        if name in study.text.prefer
    }
    environment["EDITIONS"] = override("text.editions", editions)
    environment["SAVE_EVERY"] = override("save_every", study.save_every.model_dump())
    # All jobs of a study share what a compiler has made, also those on other machines.
    environment.setdefault("TORCHINDUCTOR_CACHE_DIR", str(Path.cwd() / ".cache" / "compiled"))
    _prepend(environment, "PYTHONPATH", root / "src")
    # The Python that runs Snakemake, whether or not its environment is activated.
    _prepend(environment, "PATH", Path(sys.executable).parent)


def _prepend(environment: MutableMapping[str, str], name: str, folder: Path) -> None:
    before = environment.get(name)
    environment[name] = f"{folder}{os.pathsep}{before}" if before else str(folder)
