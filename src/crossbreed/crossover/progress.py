"""What the progress of a population's training consists of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from crossbreed.crossover.curves import EpochRecord, join_records, split_records
from crossbreed.jobs.progress import Form
from crossbreed.storage.arrays import Arrays
from crossbreed.training.checkpoint import pack_population, unpack_population
from crossbreed.training.population import Population


class Saved(NamedTuple):
    """A population in training, and what each epoch of the job has come to so far."""

    population: Population
    records: list[EpochRecord]


def _pack(saved: Saved) -> tuple[Arrays, dict[str, Any]]:
    arrays, description = pack_population(saved.population)
    epochs = [record.epoch for record in saved.records]
    return {**arrays, **join_records(saved.records)}, description | {"epochs": epochs}


def _unpack(arrays: Arrays, description: Mapping[str, Any]) -> Saved:
    records = split_records(arrays, description["epochs"])
    return Saved(unpack_population(arrays, description), records)


POPULATION_FORM = Form("epoch", _pack, _unpack, lambda saved: saved.population.epoch)
