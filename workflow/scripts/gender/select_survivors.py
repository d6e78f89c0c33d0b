"""Choose whom of a generation to train to the end."""

from crossbreed.gender.jobs import SelectSurvivors
from crossbreed.jobs.command_line import run_job
from crossbreed.search.files import load_generation, load_history, save_choices
from crossbreed.search.survivors import select_survivors as select


def select_survivors(job: SelectSurvivors) -> None:
    """Write the selected individuals' numbers to `target`, the most promising first."""
    choices = select(
        load_history(job.history),
        load_generation(job.newest),
        job.search,
        job.evolution,
        job.seed,
        job.search_seed,
    )
    save_choices(job.target, choices)


if __name__ == "__main__":
    run_job(SelectSurvivors, select_survivors)
