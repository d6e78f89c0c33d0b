"""Name the architecture that a search has come to."""

import yaml

from crossbreed.gender.jobs import PickWinner
from crossbreed.jobs.command_line import run_job
from crossbreed.search.files import load_history
from crossbreed.search.survivors import winner
from crossbreed.storage.files import write_text


def pick_winner(job: PickWinner) -> None:
    """Write the individual with the lowest final loss to `target`."""
    origin = None
    architecture = job.baseline
    if job.history:
        best, loss = winner(load_history(job.history))
        architecture = best.architecture
        origin = {"generation": best.generation, "number": best.number, "final_loss": loss}
    content = {"architecture": architecture.model_dump(), "found": origin}
    write_text(job.target, yaml.safe_dump(content, sort_keys=False))


if __name__ == "__main__":
    run_job(PickWinner, pick_winner)
