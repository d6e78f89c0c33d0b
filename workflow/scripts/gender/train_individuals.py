"""Train some individuals of a generation: early, or those chosen to the end."""

from pathlib import Path

from crossbreed.gender.jobs import TrainIndividuals
from crossbreed.jobs.command_line import run_job
from crossbreed.jobs.gpu_claim import claim_gpu
from crossbreed.language.store import Store
from crossbreed.language.text import load_text
from crossbreed.language.training import LanguageTask
from crossbreed.search.files import (
    load_choices,
    load_individuals,
    save_seconds,
    save_trials,
)
from crossbreed.search.individual import Individual
from crossbreed.search.training import as_trial, cache_key, early_point, training_seed


def train_individuals(job: TrainIndividuals) -> None:
    """Write the trials of the individuals to `trials`, their seconds to `seconds`."""
    claim_gpu(job.language.device)
    text = load_text(job.text)
    generation = load_individuals(job.individuals)
    trained = _trained(job.chosen, generation)
    store = Store(job.store, job.save_every, cache_key(job.language, text))
    early, last = early_point(job.language, job.early), job.language.points
    trials, early_seconds, all_seconds = {}, {}, {}
    for individual in trained[job.first : job.first + job.count]:
        state = store.train(_task(individual, job), text, last if job.finish else early)
        point = last if job.finish else early
        # Others may have trained the same network further.
        trials[individual.number] = as_trial(
            individual.architecture, job.language, text, state.curve.until(point)
        )
        # Every iteration of a network takes about as long.
        early_seconds[individual.number] = state.seconds * early / state.point
        all_seconds[individual.number] = state.seconds * point / state.point
    if job.chosen is not None:
        for individual in generation:
            if individual not in trained:
                store.forget_weights(_task(individual, job))
    save_trials(job.trials, trials, len(text.characters), early)
    save_seconds(job.seconds, early_seconds, all_seconds)


def _trained(chosen: Path | None, generation: list[Individual]) -> list[Individual]:
    if chosen is None:
        return generation
    by_number = {individual.number: individual for individual in generation}
    return [by_number[choice.number] for choice in load_choices(chosen) if choice.chosen]


def _task(individual: Individual, job: TrainIndividuals) -> LanguageTask:
    seed = training_seed(job.seed, job.search_seed, 0)
    return LanguageTask(individual.architecture, job.language, seed, job.threads)


if __name__ == "__main__":
    run_job(TrainIndividuals, train_individuals)
