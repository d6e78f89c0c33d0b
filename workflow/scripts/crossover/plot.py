"""Draw the figures of the crossover study."""

import pandas as pd
from matplotlib.figure import Figure

from crossbreed.crossover.figures.barrier import loss_barrier
from crossbreed.crossover.figures.effects import forest
from crossbreed.crossover.figures.learning_curves import learning_curves
from crossbreed.crossover.figures.runs import all_networks, paired_runs
from crossbreed.crossover.figures.time_to_target import time_to_target
from crossbreed.crossover.jobs import Plot
from crossbreed.crossover.results.outcomes import outcomes_by_epoch
from crossbreed.figures.style import save_figures
from crossbreed.jobs.command_line import run_job


def plot(job: Plot) -> None:
    """Write all figures to `folder`."""
    save_figures(figures(job), job.folder)


def figures(job: Plot) -> dict[str, Figure]:
    """Draw all figures, by the name of their file."""
    labels, reference = job.labels, job.reference
    outcomes, times = pd.read_csv(job.outcomes), pd.read_csv(job.times)
    end = f"after epoch {job.epochs}"
    drawn = {
        "learning_curves": learning_curves(
            outcomes_by_epoch(pd.read_csv(job.curves)),
            labels,
            reference,
            job.events,
            job.figures,
            job.confidence,
        ),
        "effects": forest(
            pd.read_csv(job.comparison),
            labels,
            job.margin.model_dump(),
            job.confidence,
        ),
        "paired_runs": paired_runs(
            outcomes,
            labels,
            reference,
            f"Every run {end} (dashed: higher than {labels[reference]})",
        ),
        "all_networks": all_networks(
            pd.read_csv(job.networks),
            labels,
            job.epochs,
            f"Every network {end} (ringed: the best of its run; line: median)",
        ),
        "time_to_target": time_to_target(times, labels, reference, "How fast a loss is reached"),
    }
    if job.barrier is not None:
        drawn["loss_barrier"] = loss_barrier(
            pd.read_csv(job.barrier),
            job.confidence,
            "Loss on the straight line between the two parents",
        )
    return drawn


if __name__ == "__main__":
    run_job(Plot, plot)
