"""Plan how long jobs may take, and how training is cut into jobs."""

import json
import logging
from pathlib import Path
from typing import Any

from crossbreed.config.base import Config, Count, Name, Positive
from crossbreed.files import write_text
from crossbreed.job import run_job
from crossbreed.lineage import Lineages
from crossbreed.time_plan import Speed, as_config, cut, cut_training

log = logging.getLogger(__name__)


class Place(Config):
    """Where populations are trained: the crossover study, or a condition."""

    speed: Path
    """What measure_speed.py has written."""
    epochs: Count
    """K."""
    events: dict[Name, list[Count]]
    """Epochs of the events of each arm."""
    marks: list[Count]
    """Epochs at which every arm is cut."""


class PlanTime(Config):
    """Plan how long jobs may take, and how training is cut into jobs."""

    places: list[Place]
    language: Path | None
    """What measure_language_speed.py has written; null: no language models are trained."""
    individuals: Count
    """Individuals that a job trains, at most."""
    longest_minutes: Count | None
    margin: Positive
    target: Path
    """The plan to write, a configuration (YAML)."""


def plan_time(settings: PlanTime) -> None:
    """Write the plan."""
    margin, longest = settings.margin, settings.longest_minutes
    devices, training, language = set(), None, None
    places = []
    for place in settings.places:
        found = _read(place.speed)
        devices.add(found["device"])
        places.append(
            (
                Speed(found["start"], found["unit"]),
                Lineages(place.epochs, place.events, place.marks),
            )
        )
    if places:
        training = cut_training(places, margin, longest)
    if settings.language:
        found = _read(settings.language)
        devices.add(found["device"])
        individual = Speed(found["start"], found["unit"])
        # It is judged on the whole text, too.
        winner = Speed(found["start"], found["unit"] + found["whole_text"])
        language = {
            "train_individuals": cut(individual, settings.individuals, margin, longest),
            "train_winner": cut(winner, 1, margin, longest),
        }
    plan = as_config(", ".join(sorted(devices)), training, language, longest, margin)
    write_text(settings.target, plan)
    log.info("%s:\n%s", settings.target, plan.rstrip())


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


if __name__ == "__main__":
    run_job(PlanTime, plan_time)
