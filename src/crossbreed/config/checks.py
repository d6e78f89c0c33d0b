"""What a study must satisfy beyond the type and range of single keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from crossbreed.config.arms import TRUNK, Arm, Event, epoch_at
from crossbreed.config.comparison import Contrast
from crossbreed.config.gender_checks import gender_problems
from crossbreed.config.schema import Study

# Folders of `results/` that no preset may take.
_RESERVED = ("benchmarks", "data", "reference")
# What a condition may change. The rest is common to all, or not of the crossover study.
_OF_CONDITIONS = (
    *("seed", "runs", "epochs", "engine", "population", "arms", "arm", "dataset", "model"),
    *("trainer", "evaluation"),
)


def problems(study: Study) -> Iterator[str]:
    """Yield a line for every rule across keys that the study breaks."""
    if study.preset in _RESERVED:
        yield f"preset = {study.preset!r}: must be none of results/{{{','.join(_RESERVED)}}}"
    yield from _conditions(study)
    yield from _arms(study)
    yield from _comparisons(study)
    yield from _dataset(study)
    yield from gender_problems(study)
    if study.engine == "tensorflow" and study.trainer.precision != "float32":
        yield (
            f"trainer.precision = {study.trainer.precision!r}: must be float32 with "
            "engine = tensorflow"
        )
    epochs = [epoch_at(fraction, study.epochs) for fraction in study.evaluation.at]
    if 0 in epochs or len(set(epochs)) < len(epochs):
        yield (
            f"evaluation.at = {study.evaluation.at}: with epochs = {study.epochs} these are the "
            f"epochs {epochs}; they must differ and not be 0"
        )
    if study.data.mirror is not None and not Path(study.data.mirror).is_dir():
        yield f"data.mirror = {study.data.mirror!r}: must be an existing folder"


def _conditions(study: Study) -> Iterator[str]:
    if "conditions" in study.studies and not study.conditions:
        yield "conditions = {}: must name a condition at least, or studies must leave them out"
    for name, condition in study.conditions.items():
        for key in condition.change:
            if key not in _OF_CONDITIONS:
                yield (
                    f"conditions.{name}.change.{key}: a condition may only change "
                    f"{', '.join(_OF_CONDITIONS)}"
                )
        dataset = condition.change.get("dataset", {})
        if isinstance(dataset, Mapping):
            dataset = dataset.get("name", study.dataset.name)
        if dataset != study.dataset.name:
            yield (
                f"conditions.{name}.change.dataset = {dataset!r}: must be {study.dataset.name}, "
                "the study's; a condition may only change its split"
            )


def _arms(study: Study) -> Iterator[str]:
    for position, name in enumerate(study.arms):
        key = f"arms.{position} = {name!r}"
        if name == TRUNK:
            yield f"{key}: is the name of what all arms share; choose another"
        elif name not in study.arm:
            yield f"{key}: unknown arm; must be one of {', '.join(sorted(study.arm))}"
        else:
            yield from _events(study, name, study.arm[name])
    for key, name in _named_arms(study):
        if name not in study.arm:
            yield f"{key} = {name!r}: unknown arm; must be one of {', '.join(sorted(study.arm))}"


def _named_arms(study: Study) -> Iterator[tuple[str, str]]:
    """Yield each key that names an arm, which need not be run, and its value."""
    yield "barrier.arm", study.barrier.arm
    contrasts = study.statistics.contrasts
    named: dict[str, object] = {
        "statistics.primary": study.statistics.primary,
        **{f"statistics.contrasts.{place}": pair for place, pair in enumerate(contrasts)},
        **{
            f"claims.{source}.claims.{name}.statistic": claim.statistic
            for source, claims in study.claims.items()
            for name, claim in claims.claims.items()
        },
    }
    for key, holder in named.items():
        for side in ("arm", "reference"):
            if hasattr(holder, side):
                yield f"{key}.{side}", getattr(holder, side)


def _comparisons(study: Study) -> Iterator[str]:
    statistics = study.statistics
    primary = statistics.primary
    if statistics.reference not in study.arms:
        yield (
            f"statistics.reference = {statistics.reference!r}: must be one of the arms, "
            f"{', '.join(study.arms)}"
        )
    if primary.metric not in statistics.metrics:
        yield (
            f"statistics.primary.metric = {primary.metric!r}: must be one of "
            f"statistics.metrics, {', '.join(statistics.metrics)}"
        )
    if primary.metric == "validation_loss" and study.dataset.validation == 0:
        yield (
            "statistics.primary.metric = 'validation_loss': needs dataset.validation > 0, or must "
            "be another metric"
        )
    pair = Contrast(arm=primary.arm, reference=primary.reference)
    if pair.reference != statistics.reference and pair not in statistics.contrasts:
        yield (
            f"statistics.primary.reference = {pair.reference!r}: must be statistics.reference, "
            f"{statistics.reference}, or the pair one of statistics.contrasts"
        )


def _events(study: Study, name: str, arm: Arm) -> Iterator[str]:
    size = study.population.size
    before = 0
    for position, event in enumerate(arm.events):
        key = f"arm.{name}.events.{position}"
        epoch = epoch_at(event.at, study.epochs)
        if not before < epoch < study.epochs:
            yield (
                f"{key}.at = {event.at}: is epoch {epoch}; must be after epoch {before} "
                f"and before the last, {study.epochs}"
            )
        before = epoch
        yield from _event(study, key, event, size)
        size = event.offspring.count or size


def _event(study: Study, key: str, event: Event, size: int) -> Iterator[str]:
    select, merge = event.select, event.merge
    species = select.species if select.rule == "species" else 1
    networks = f"the population's {size} networks"
    if select.rule != "all" and species * select.count > size:
        product = f", times {species} species," if species > 1 else ""
        yield f"{key}.select.count = {select.count}: must be{product} at most {networks}"
    if select.rule == "tournament" and select.size > size:
        yield f"{key}.select.size = {select.size}: must be at most {networks}"
    if select.rule == "species" and species > (event.offspring.count or size):
        yield f"{key}.select.species = {species}: must be at most the number of offspring"
    metric = getattr(select, "metric", "train_loss")
    if metric != "train_loss" and study.dataset.validation == 0:
        yield (
            f"{key}.select.metric = {metric!r}: needs dataset.validation > 0, or must be train_loss"
        )
    if study.model.name == "dense" and not study.model.hidden_widths:
        needed = "needs a hidden layer in model.hidden_widths"
        if merge.rule == "unit_crossover":
            yield f"{key}.merge.rule = 'unit_crossover': {needed}"
        elif merge.rule != "copy" and merge.align_units:
            yield f"{key}.merge.align_units = True: {needed}"
    parents = size if select.rule == "all" else select.count
    if merge.rule == "spherical" and select.rule == "species":
        yield f"{key}.merge.rule = 'spherical': needs 2 parents; a species may have only one"
    elif merge.rule == "spherical" and parents != 2:
        yield f"{key}.merge.rule = 'spherical': needs exactly 2 parents, not {parents}"


def _dataset(study: Study) -> Iterator[str]:
    dataset = study.dataset
    names = [getattr(dataset.files, kind).name for kind in type(dataset.files).model_fields]
    if len(set(names)) < len(names):
        yield f"dataset.files: the names {', '.join(names)} must differ"
    if dataset.files.test_images.sha256 == dataset.files.train_images.sha256:
        yield (
            f"dataset.files.test_images.sha256 = {dataset.files.test_images.sha256!r}: must not be "
            "that of train_images: networks are tested on images that they are not trained on"
        )
    rest = dataset.available.train - dataset.validation
    train = rest if dataset.train is None else dataset.train
    if rest < 1:
        yield (
            f"dataset.validation = {dataset.validation}: must be less than the "
            f"{dataset.available.train} images there are"
        )
    elif train > rest:
        yield (
            f"dataset.train = {train}: must be at most {rest}, the {dataset.available.train} "
            f"images less the {dataset.validation} held out"
        )
    elif study.trainer.batch_size > train:
        yield (
            f"trainer.batch_size = {study.trainer.batch_size}: must be at most the {train} "
            "training images"
        )
    if dataset.test is not None and dataset.test > dataset.available.test:
        yield f"dataset.test = {dataset.test}: must be at most {dataset.available.test}"
