"""Replace a population by the offspring of some of its networks."""

import logging
import time

from crossbreed.breeding.event import Offspring
from crossbreed.breeding.event import breed as breed_population
from crossbreed.crossover.curves import metrics_at
from crossbreed.crossover.jobs import Breed
from crossbreed.errors import TooFewNetworksError
from crossbreed.jobs.command_line import run_job
from crossbreed.storage.files import write_json
from crossbreed.training.checkpoint import load_population, save_population
from crossbreed.training.population import without_networks

log = logging.getLogger(__name__)


def breed(job: Breed) -> None:
    """Write the offspring to `target` and who their parents are to `parents`.

    If too few networks are left to breed, this arm of the run stops: nothing else is wrong with
    the study, so the offspring are none, and the tables say that the run is missing.
    """
    began = time.perf_counter()
    population = load_population(job.source, job.epoch)
    metrics = metrics_at(job.curve, job.epoch, population.size)
    stopped = None
    try:
        offspring = breed_population(population, metrics, job.event, job.seed, job.run)
    except TooFewNetworksError as error:
        stopped = str(error)
        log.warning("the arm stops at epoch %d: %s", job.epoch, stopped)
        offspring = Offspring(without_networks(population), [])
    parents = [[parent + 1 for parent in family] for family in offspring.parents]
    log.info(
        "epoch %d: %d offspring of the networks %s",
        job.epoch,
        offspring.population.size,
        sorted({parent for family in parents for parent in family}),
    )
    save_population(job.target, offspring.population)
    write_json(job.parents, {"epoch": job.epoch, "parents": parents, "stopped": stopped})
    write_json(job.seconds, {"seconds": time.perf_counter() - began})


if __name__ == "__main__":
    run_job(Breed, breed)
