"""Train some individuals of a generation: early, or those chosen to the end."""

from pathlib import Path

from crossbreed.config.base import Config, Count, Fraction, Whole
from crossbreed.config.language import LanguageTraining
from crossbreed.config.schema import SaveEvery
from crossbreed.jobs.gpu_claim import claim_gpu
from crossbreed.jobs.job import run_job
from crossbreed.language.store import Store
from crossbreed.language.text import load_text
from crossbreed.language.training import LanguageTask
from crossbreed.search.choices import load_choices
from crossbreed.search.individual import Individual, load_individuals
from crossbreed.search.training import as_trial, decisive, early_point, training_seed
from crossbreed.search.trial_files import save_seconds, save_trials


class TrainIndividuals(Config):
    """Train some individuals of a generation: early, or those chosen to the end."""

    language: LanguageTraining
    early: Fraction
    """Share of the training that counts as early."""
    finish: bool
    """Whether to train to the end."""
    seed: Whole
    search_seed: Count
    """Which repetition of the searches."""
    first: Whole
    """Place, from 0, of the first individual to train among those that are trained."""
    count: Count
    """How many to train."""
    save_every: SaveEvery
    threads: Count
    """CPU threads; another number may change the last digits."""
    text: Path
    """File made by prepare_text.py."""
    individuals: Path
    """The generation (YAML)."""
    chosen: Path | None
    """Who is trained (YAML); null: all."""
    store: Path
    """Where trainings are kept, for whoever has the same network."""
    trials: Path
    """What they have shown, to write (JSON)."""
    seconds: Path
    """How long it took, to write (JSON)."""


def train_individuals(settings: TrainIndividuals) -> None:
    """Write the trials of the individuals to `trials`, their seconds to `seconds`."""
    claim_gpu(settings.language.device)
    text = load_text(settings.text)
    generation = load_individuals(settings.individuals)
    trained = _trained(settings.chosen, generation)
    store = Store(settings.store, settings.save_every, decisive(settings.language, text))
    early, last = early_point(settings.language, settings.early), settings.language.points
    trials, early_seconds, all_seconds = {}, {}, {}
    for one in trained[settings.first : settings.first + settings.count]:
        state = store.train(_task(one, settings), text, last if settings.finish else early)
        point = last if settings.finish else early
        # Others may have trained the same network further.
        trials[one.number] = as_trial(
            one.architecture, settings.language, text, state.curve.until(point)
        )
        # Every iteration of a network takes about as long.
        early_seconds[one.number] = state.seconds * early / state.point
        all_seconds[one.number] = state.seconds * point / state.point
    if settings.chosen is not None:
        for one in generation:
            if one not in trained:
                store.forget_weights(_task(one, settings))
    save_trials(settings.trials, trials, len(text.characters), early)
    save_seconds(settings.seconds, early_seconds, all_seconds)


def _trained(chosen: Path | None, generation: list[Individual]) -> list[Individual]:
    if chosen is None:
        return generation
    numbers = [one.number for one in load_choices(chosen) if one.chosen]
    return [one for number in numbers for one in generation if one.number == number]


def _task(one: Individual, settings: TrainIndividuals) -> LanguageTask:
    seed = training_seed(settings.seed, settings.search_seed, 0)
    return LanguageTask(one.architecture, settings.language, seed, settings.threads)


if __name__ == "__main__":
    run_job(TrainIndividuals, train_individuals)
