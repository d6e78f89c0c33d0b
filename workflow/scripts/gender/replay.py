"""Run every search of every seed on a table, and measure the winners by it."""

import logging
import time

from crossbreed.config.gender_checks import FOUNDERS
from crossbreed.gender.jobs import Replay
from crossbreed.gender.results.individuals import individuals_table
from crossbreed.gender.results.table_finals import held_out_losses, table_finals, winners_curves
from crossbreed.jobs.command_line import run_job
from crossbreed.search.generation import Generation
from crossbreed.search.replay import TrainedTable
from crossbreed.search.search import run_search
from crossbreed.search.table import read_table
from crossbreed.storage.files import write_csv

log = logging.getLogger(__name__)
_EVERY = 10.0  # seconds between two lines of progress


def replay(job: Replay) -> None:
    """Write the three tables."""
    table = TrainedTable(read_table(job.table), job.language)
    histories = _histories(job, table)
    own = [mode for mode, search in job.searches.items() if search.genes is not None]
    evolution = next(iter(job.evolutions.values()))
    individuals = individuals_table(histories, own, evolution)
    finals = table_finals(histories, job.unsearched, job.baseline, table)
    finals = finals[finals["mode"] != FOUNDERS]
    losses = held_out_losses(individuals, table)
    write_csv(job.individuals, individuals.assign(held_out_loss=losses))
    write_csv(job.results, finals)
    write_csv(job.curves, winners_curves(finals, table))


def _histories(job: Replay, table: TrainedTable) -> dict[tuple[int, str], list[Generation]]:
    histories = {}
    total, logged = job.seeds * len(job.searches), time.monotonic()
    for search_seed in range(1, job.seeds + 1):
        train = table.train(table.seed_of(search_seed))
        for mode, search in job.searches.items():
            histories[search_seed, mode] = run_search(
                search,
                job.evolutions[mode],
                job.generations,
                train,
                table.vocabulary,
                job.seed,
                search_seed,
            )
            if time.monotonic() - logged > _EVERY or len(histories) == total:
                log.info("%d of %d searches", len(histories), total)
                logged = time.monotonic()
    return histories


if __name__ == "__main__":
    run_job(Replay, replay)
