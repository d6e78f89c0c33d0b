"""Replace a population by the offspring of some of its networks."""

import logging
from pathlib import Path

from crossbreed.breeding.event import Brood
from crossbreed.breeding.event import breed as breed_population
from crossbreed.config.arms import Breeding
from crossbreed.config.base import Config, Count, Whole
from crossbreed.crossover.curves import metrics_at
from crossbreed.errors import TooFewNetworksError
from crossbreed.jobs.job import run_job
from crossbreed.storage.files import write_json
from crossbreed.training.checkpoint import load_population, save_population
from crossbreed.training.population import without_networks

log = logging.getLogger(__name__)


class Breed(Config):
    """Replace a population by the offspring of some of its networks."""

    event: Breeding
    """What happens: select, merge, offspring."""
    seed: Whole
    run: Count
    epoch: Count
    """When it happens."""
    source: Path
    """Population before the event."""
    curve: Path
    """Learning curve that ends at the event's epoch."""
    target: Path
    """Offspring to write (safetensors)."""
    parents: Path
    """Who bred, to write (JSON)."""


def breed(settings: Breed) -> None:
    """Write the offspring to `target` and who their parents are to `parents`.

    If too few networks are left to breed, this arm of the run stops: nothing else is wrong with
    the study, so the offspring are none, and the tables say that the run is missing.
    """
    population = load_population(settings.source, settings.epoch)
    metrics = metrics_at(settings.curve, settings.epoch, population.size)
    stopped = None
    try:
        brood = breed_population(population, metrics, settings.event, settings.seed, settings.run)
    except TooFewNetworksError as error:
        stopped = str(error)
        log.warning("the arm stops at epoch %d: %s", settings.epoch, stopped)
        brood = Brood(without_networks(population), [])
    parents = [[parent + 1 for parent in family] for family in brood.parents]
    log.info(
        "epoch %d: %d offspring of the networks %s",
        settings.epoch,
        brood.population.size,
        sorted({parent for family in parents for parent in family}),
    )
    save_population(settings.target, brood.population)
    write_json(settings.parents, {"epoch": settings.epoch, "parents": parents, "stopped": stopped})


if __name__ == "__main__":
    run_job(Breed, breed)
