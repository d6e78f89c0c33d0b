"""Replace a population by the offspring of some of its networks."""

import logging
from pathlib import Path

from crossbreed.breeding.event import breed as breed_population
from crossbreed.checkpoint import load_population, save_population
from crossbreed.config.arms import Breeding
from crossbreed.config.base import Config, Count, Whole
from crossbreed.curves import metrics_at
from crossbreed.files import write_json
from crossbreed.job import run_job

log = logging.getLogger(__name__)


class Breed(Config):
    """Replace a population by the offspring of some of its networks."""

    event: Breeding
    """What happens: select, merge, offspring."""
    seed: Whole
    run: Count
    source: Path
    """Population before the event."""
    curve: Path
    """Learning curve that ends at the event's epoch."""
    target: Path
    """Offspring to write (safetensors)."""
    parents: Path
    """Who bred, to write (JSON)."""


def breed(settings: Breed) -> None:
    """Write the offspring to `target` and who their parents are to `parents`."""
    population = load_population(settings.source)
    metrics = metrics_at(settings.curve, population.epoch)
    brood = breed_population(population, metrics, settings.event, settings.seed, settings.run)
    parents = [[parent + 1 for parent in family] for family in brood.parents]
    log.info(
        "epoch %d: %d offspring of the networks %s",
        population.epoch,
        brood.population.size,
        sorted({parent for family in parents for parent in family}),
    )
    save_population(settings.target, brood.population)
    write_json(settings.parents, {"epoch": population.epoch, "parents": parents})


if __name__ == "__main__":
    run_job(Breed, breed)
