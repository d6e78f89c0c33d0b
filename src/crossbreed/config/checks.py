"""What a study must satisfy beyond the type and range of single keys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from crossbreed.breeding.lineage import TRUNK, epoch_at
from crossbreed.config.arms import Arm, Event, MergeSpherical
from crossbreed.config.comparison import Contrast
from crossbreed.config.condition import condition_problems
from crossbreed.config.gender_checks import gender_problems
from crossbreed.config.messages import shown
from crossbreed.config.schema import Study

# What the download leaves in the folder of a data set's files.
BESIDE_RAW_FILES = ("origins.json", "download.log", "download.benchmark.tsv")


def problems(study: Study) -> Iterator[str]:
    """Yield a line for every rule across keys that the study breaks."""
    if len(set(study.studies)) != len(study.studies):
        yield f"studies = {study.studies}: must not name a study twice"
    yield from _conditions(study)
    yield from _arms(study)
    yield from _dataset(study)
    yield from gender_problems(study)
    if study.engine == "tensorflow" and study.trainer.precision != "float32":
        yield (
            f"trainer.precision = {study.trainer.precision!r}: must be float32 with "
            "engine = tensorflow"
        )
    marks = [epoch_at(fraction, study.epochs) for fraction in study.evaluation.at]
    if 0 in marks or len(set(marks)) < len(marks):
        yield (
            f"evaluation.at = {study.evaluation.at}: with epochs = {study.epochs} these are the "
            f"epochs {marks}; they must differ and not be 0"
        )
    if study.data.mirror is not None and not _is_folder(study.data.mirror):
        yield f"data.mirror = {shown(study.data.mirror)}: must be an existing folder"


def _is_folder(path: str) -> bool:
    try:
        return Path(path).is_dir()
    except OSError:  # a name too long, a folder that must not be looked into
        return False


def _conditions(study: Study) -> Iterator[str]:
    if "conditions" in study.studies and not study.conditions:
        yield "conditions = {}: must name a condition at least, or studies must leave them out"
    for name, one in study.conditions.items():
        yield from condition_problems(name, one.change, study.dataset.name)


def _arms(study: Study) -> Iterator[str]:
    known = ", ".join(sorted(study.arm))
    for position, name in enumerate(study.arms):
        key = f"arms.{position} = {name!r}"
        if name in study.arms[:position]:
            yield f"{key}: must not be named twice"
        elif name == TRUNK:
            yield f"{key}: is the name of what all arms share; choose another"
        elif name not in study.arm:
            yield f"{key}: unknown arm; must be one of {known}"
        else:
            yield from _events(study, name, study.arm[name])
    yield from _comparisons(study)
    if study.statistics.reference not in study.arms:
        yield (
            f"statistics.reference = {study.statistics.reference!r}: must be one of the arms, "
            f"{', '.join(study.arms)}"
        )


def _comparisons(study: Study) -> Iterator[str]:
    given = study.statistics
    if len(set(given.metrics)) != len(given.metrics):
        yield f"statistics.metrics = {given.metrics}: must not name a metric twice"
    if given.primary.metric not in given.metrics:
        yield (
            f"statistics.primary.metric = {given.primary.metric!r}: must be one of "
            f"statistics.metrics, {', '.join(given.metrics)}"
        )
    if given.primary.metric == "validation_loss" and study.dataset.validation == 0:
        yield (
            "statistics.primary.metric = 'validation_loss': needs dataset.validation > 0, or must "
            "be another metric"
        )
    primary = Contrast(arm=given.primary.arm, reference=given.primary.reference)
    if primary.reference != given.reference and primary not in given.contrasts:
        yield (
            f"statistics.primary.reference = {primary.reference!r}: must be statistics.reference, "
            f"{given.reference}, or the pair one of statistics.contrasts"
        )
    known = ", ".join(sorted(study.arm))
    if study.barrier.arm not in study.arm:
        yield f"barrier.arm = {study.barrier.arm!r}: unknown arm; must be one of {known}"
    for source, claims in study.claims.items():
        for name, claim in claims.claims.items():
            for side in ("arm", "reference"):
                arm = getattr(claim.statistic, side, None)
                if arm is not None and arm not in study.arm:
                    yield (
                        f"claims.{source}.claims.{name}.statistic.{side} = {arm!r}: unknown arm; "
                        f"must be one of {known}"
                    )
    named = {f"contrasts.{place}": one for place, one in enumerate(given.contrasts)}
    for key, contrast in {**named, "primary": given.primary}.items():
        for side, arm in (("arm", contrast.arm), ("reference", contrast.reference)):
            if arm not in study.arm:
                yield f"statistics.{key}.{side} = {arm!r}: unknown arm; must be one of {known}"
        if contrast.arm == contrast.reference:
            yield f"statistics.{key}.reference = {contrast.arm!r}: must be another arm than its arm"


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
    select = event.select
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
        yield _needs_validation(f"{key}.select.metric", metric)
    merge = event.merge
    if study.model.name == "dense" and not study.model.hidden_widths:
        needed = "needs a hidden layer in model.hidden_widths"
        if merge.rule == "unit_crossover":
            yield f"{key}.merge.rule = 'unit_crossover': {needed}"
        elif merge.rule != "copy" and merge.align_units:
            yield f"{key}.merge.align_units = True: {needed}"
    parents = size if select.rule == "all" else select.count
    if isinstance(event.merge, MergeSpherical) and select.rule == "species":
        yield f"{key}.merge.rule = 'spherical': needs 2 parents; a species may have only one"
    elif isinstance(event.merge, MergeSpherical) and parents != 2:
        yield f"{key}.merge.rule = 'spherical': needs exactly 2 parents, not {parents}"


def _dataset(study: Study) -> Iterator[str]:
    dataset = study.dataset
    taken = set(BESIDE_RAW_FILES)
    for kind in type(dataset.files).model_fields:
        name = getattr(dataset.files, kind).name
        if name in taken:
            yield f"dataset.files.{kind}.name = {name!r}: is the name of another file beside it"
        taken.add(name)
    files = dataset.files
    if files.test_images.sha256 == files.train_images.sha256:
        yield (
            f"dataset.files.test_images.sha256 = {files.test_images.sha256!r}: must not be that of "
            "train_images: networks are tested on images that they are not trained on"
        )
    rest = dataset.available.train - dataset.validation
    if rest < 1:
        yield (
            f"dataset.validation = {dataset.validation}: must be less than the "
            f"{dataset.available.train} images there are"
        )
        return
    train = rest if dataset.train is None else dataset.train
    if train > rest:
        yield (
            f"dataset.train = {train}: must be at most {rest}, the {dataset.available.train} "
            f"images less the {dataset.validation} held out"
        )
    if dataset.test is not None and dataset.test > dataset.available.test:
        yield f"dataset.test = {dataset.test}: must be at most {dataset.available.test}"
    if study.trainer.batch_size > train:
        yield (
            f"trainer.batch_size = {study.trainer.batch_size}: must be at most the {train} "
            "training images"
        )


def _needs_validation(key: str, metric: str) -> str:
    return f"{key} = {metric!r}: needs dataset.validation > 0, or must be train_loss"
