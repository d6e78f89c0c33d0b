"""Searches find a known optimum, spend the same, and choose as their modes say."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from crossbreed.config.gender import Couples, Evolution
from crossbreed.config.schema import Study
from crossbreed.language.curve import LearningCurve
from crossbreed.search.budget import (
    finished_per_generation,
    full_trainings,
    individuals_per_generation,
)
from crossbreed.search.expression import predict
from crossbreed.search.features import features
from crossbreed.search.files import (
    load_generation,
    load_individuals,
    save_individuals,
    save_seconds,
    save_trials,
)
from crossbreed.search.generation import Generation
from crossbreed.search.genome import allowed
from crossbreed.search.layout import GenerationFiles
from crossbreed.search.learning_speed import learning_speed, speeds
from crossbreed.search.next_generation import fathers, mothers, next_generation, random_individuals
from crossbreed.search.predictor_fitness import fitness_trials, predictor_fitness
from crossbreed.search.search import run_search
from crossbreed.search.survivors import select_survivors, winner
from crossbreed.search.trial import Trial
from search_problem import EVOLUTION, LOWEST, MATING, SEARCHES, VOCABULARY, shipped, train


def run(mode: str, seed: int = 1, generations: int = 12) -> list[Generation]:
    return run_search(shipped(mode), EVOLUTION, generations, train, VOCABULARY, seed, 1)


def test_four_modes_differ_in_who_is_selected_and_in_nothing_else() -> None:
    cells = {}
    for mode in MATING:
        mating = shipped(mode)
        assert isinstance(mating.offspring, Couples)
        assert mating.finish == "mother"
        cells[mode] = (mating.offspring.fathers, mating.offspring.mothers)
    assert cells == {
        "male": ("fastest", "random"),
        "female": ("random", "best_predictors"),
        "combined": ("fastest", "best_predictors"),
        "random_mating": ("random", "random"),
    }


@pytest.fixture(scope="module")
def history() -> list[Generation]:
    return run("combined", generations=4)


@pytest.mark.parametrize("mode", ["male", "combined", "regularized_evolution"])
def test_a_search_finds_the_known_optimum(mode: str) -> None:
    losses = [winner(run(mode, seed)).final_loss for seed in (1, 2, 3)]
    assert max(losses) < LOWEST + 0.03


def test_all_modes_of_a_seed_share_the_founders() -> None:
    founders = [run(mode, generations=2)[0].individuals for mode in MATING]
    assert all(each == founders[0] for each in founders)
    assert run("male", seed=2, generations=2)[0].individuals != founders[0]


@pytest.mark.parametrize("pair", [("male", "random_mating"), ("female", "random_mating")])
def test_the_same_parents_have_the_same_offspring_whatever_the_mode(
    pair: tuple[str, str], history: list[Generation]
) -> None:
    # Of so few parents, chance often selects the very ones that fitness selects.
    settings: Evolution = EVOLUTION.model_copy(update={"fathers": 8, "mothers": 8})
    same = []
    for search_seed in range(1, 41):
        of_both = [
            next_generation(history, shipped(mode), settings, 1, search_seed) for mode in pair
        ]
        parents = [{child.parents for child in children} for children in of_both]
        assert (parents[0] == parents[1]) == (of_both[0] == of_both[1])
        same.append(of_both[0] == of_both[1])
    assert {*same} == {True, False}


def alike(generation: Generation, faster: int | None = None) -> Generation:
    """Return a generation of equal fitness, but for one that learns faster and ends lower."""
    first = generation.individuals[0]
    early, finished = (train(first, share).trial for share in (EVOLUTION.early, 1.0))
    numbers = [individual.number for individual in generation.individuals]

    def lower(trial: Trial, number: int) -> Trial:
        curve = trial.curve
        less = 0.25 if number == faster else 0.0
        return replace(
            trial,
            curve=LearningCurve(
                curve.tokens, curve.train_loss - less, curve.validation_loss - less
            ),
        )

    return replace(
        generation,
        individuals=[
            individual.model_copy(update={"predictor": "train_loss_last"})
            for individual in generation.individuals
        ],
        early={number: lower(early, number) for number in numbers},
        finished={number: lower(finished, number) for number in numbers},
    )


def selected_as_often(counts: Counter[int], numbers: list[int], places: int, draws: int) -> None:
    """Assert that `places` of these numbers were selected at each draw, each about as often."""
    share = places / len(numbers)
    assert counts.total() == places * draws
    assert {*counts} <= {*numbers}
    for number in numbers:
        assert abs(counts[number] - share * draws) < 4.5 * (share * (1 - share) * draws) ** 0.5


@pytest.mark.parametrize("faster", [None, 1, 17])
def test_equally_fast_males_are_selected_without_favour(
    history: list[Generation], faster: int | None
) -> None:
    tied = [alike(history[-1], faster)]
    counts: Counter[int] = Counter()
    for search_seed in range(1, 301):
        males = fathers(tied, "fastest", EVOLUTION, 1, search_seed)
        counts.update(male.number for male in males)
    left, places = [male.number for male in tied[0].of_sex("male")], EVOLUTION.fathers
    if faster is not None:
        assert counts.pop(faster) == 300
        left.remove(faster)
        places -= 1
    selected_as_often(counts, left, places, 300)


@pytest.mark.parametrize("better", [None, 2, 18])
def test_equally_good_females_are_selected_without_favour(
    history: list[Generation], better: int | None
) -> None:
    ordered = history[-1]
    individuals = [
        individual.model_copy(
            update={"predictor": "train_loss_last" if individual.number == better else "width"}
        )
        for individual in ordered.individuals
    ]
    tied = [replace(ordered, individuals=individuals)]
    counts: Counter[int] = Counter()
    for search_seed in range(1, 301):
        females = mothers(tied, "best_predictors", EVOLUTION, 1, search_seed)
        counts.update(female.number for female in females)
    left, places = [female.number for female in tied[0].of_sex("female")], EVOLUTION.mothers
    if better is not None:
        assert counts.pop(better) == 300
        left.remove(better)
        places -= 1
    selected_as_often(counts, left, places, 300)


@pytest.mark.parametrize("mode", ["combined", "successive_halving"])
@pytest.mark.parametrize("faster", [None, 1, 18])
def test_equal_candidates_are_trained_to_the_end_without_favour(
    history: list[Generation], mode: str, faster: int | None
) -> None:
    before, newest = alike(history[-2]), alike(history[-1], faster)
    counts: Counter[int] = Counter()
    for search_seed in range(1, 301):
        choices = select_survivors([before], newest, shipped(mode), EVOLUTION, 1, search_seed)
        assert [choice.chosen for choice in choices] == [True] * 6 + [False] * 12
        counts.update(choice.number for choice in choices if choice.chosen)
    left, places = [individual.number for individual in newest.individuals], EVOLUTION.finished
    if faster is not None:
        assert counts.pop(faster) == 300
        left.remove(faster)
        places -= 1
    selected_as_often(counts, left, places, 300)


def test_a_search_over_some_genes_leaves_the_others_at_the_default(study: Study) -> None:
    search = shipped("tuned_default")
    assert search.genes == ["learning_rate", "batch_size"]
    settings = study.gender.evolution(search)
    drawn = [
        individual.architecture
        for search_seed in range(1, 31)
        for generation in run_search(search, settings, 2, train, VOCABULARY, 1, search_seed)
        for individual in generation.individuals
    ]
    space, default = study.gender.space, study.gender.baseline
    for gene in ("layers", "heads", "width", "dropout"):
        assert {getattr(each, gene) for each in drawn} == {getattr(default, gene)}
    assert [*allowed(space.batch_size)] == sorted({each.batch_size for each in drawn})
    assert space.learning_rate == sorted({each.learning_rate for each in drawn})


@pytest.mark.parametrize("mode", [*MATING, "random_search", "regularized_evolution"])
def test_every_mode_spends_the_same_or_less(mode: str) -> None:
    budget = full_trainings(EVOLUTION) * 20_000
    for generation in run(mode, generations=3)[1:]:
        trials = {**generation.early, **generation.finished}
        spent = sum(int(trial.curve.tokens[-1]) for trial in trials.values())
        assert budget - 20_000 < spent <= budget
        assert len(generation.individuals) == individuals_per_generation(shipped(mode), EVOLUTION)
        assert len(generation.finished) == finished_per_generation(shipped(mode), EVOLUTION)


def test_fastest_fathers_and_best_predicting_mothers_breed(history: list[Generation]) -> None:
    last = history[-1]
    speed = speeds(last, EVOLUTION)
    males = [each.number for each in fathers(history, "fastest", EVOLUTION, 1, 1)]
    slowest = min(speed[number] for number in males)
    rest = [speed[each.number] for each in last.of_sex("male") if each.number not in males]
    assert len(males) == EVOLUTION.fathers
    assert slowest >= max(rest)
    known = fitness_trials(history, EVOLUTION)
    females = mothers(history, "best_predictors", EVOLUTION, 1, 1)
    quality = [predictor_fitness(each, known).tau for each in females]
    others = [
        predictor_fitness(each, known).tau for each in last.of_sex("female") if each not in females
    ]
    assert min(quality) >= max(others)


def test_offspring_have_a_father_and_a_mother_among_those_selected(
    history: list[Generation],
) -> None:
    before = history[:-1]
    males = {each.number for each in fathers(before, "fastest", EVOLUTION, 1, 1)}
    females = {each.number for each in mothers(before, "best_predictors", EVOLUTION, 1, 1)}
    couples = set()
    for each in history[-1].individuals:
        father, mother = each.parents
        assert (father.generation, mother.generation) == (len(before) - 1, len(before) - 1)
        assert father.number in males
        assert mother.number in females
        couples.add((father.number, mother.number))
    assert len(couples) == EVOLUTION.fathers * EVOLUTION.mothers


def test_mothers_choose_by_rank_since_their_units_differ(history: list[Generation]) -> None:
    before, newest = history[:-1], history[-1]
    choices = select_survivors(before, newest, shipped("combined"), EVOLUTION, 1, 1)
    assert {each.number for each in choices if each.chosen} == set(newest.finished)
    assert len(choices) == EVOLUTION.individuals
    known = features([newest.early[each.number] for each in newest.individuals])
    predictors = {each.number: each.predictor for each in before[-1].individuals}
    for choice in choices:
        mother = newest.individuals[choice.number - 1].mother.number
        foretold = predict(predictors[mother], known)
        mine = foretold[choice.number - 1]
        better = (foretold < mine).sum() + ((foretold == mine).sum() - 1) / 2
        assert choice.foretold_rank == pytest.approx(better / (EVOLUTION.individuals - 1))


def test_unseen_judges_on_architectures_of_the_own_generation_alone(
    history: list[Generation],
) -> None:
    unseen = EVOLUTION.model_copy(update={"judge_on": "unseen"})
    trained = [
        [trial.architecture for _, trial in sorted(each.finished.items())] for each in history
    ]
    before = {each for generation in trained[:-1] for each in generation}
    judged = [trial.architecture for trial, _ in fitness_trials(history, unseen)]
    assert judged == [each for each in dict.fromkeys(trained[-1]) if each not in before]
    assert 0 < len(judged) < len(trained[-1])
    everything = [trial.architecture for trial, _ in fitness_trials(history, EVOLUTION)]
    assert everything == list(dict.fromkeys(each for part in trained for each in part))


def test_regularized_evolution_lets_the_old_die() -> None:
    history = run("regularized_evolution", generations=8)
    window = 20
    born = [(each.generation, each.number) for part in history for each in part.individuals]
    for generation in history[1:]:
        before = [place for place in born if place[0] < generation.individuals[0].generation]
        for each in generation.individuals:
            (parent,) = each.parents
            assert (parent.generation, parent.number) in before[-window:]


@pytest.mark.parametrize(
    ("per", "cost"), [("token", 5000.0), ("iteration", 5000 / 256), ("flop", 5000 * 6000.0)]
)
def test_learning_speed_is_the_area_gained_over_its_cost(per: str, cost: float) -> None:
    (each,) = random_individuals(EVOLUTION.space, EVOLUTION.predictor, 1, 1, 1, 0)
    trial = train(each, 0.25).trial
    gained = np.log(VOCABULARY) - np.mean(trial.curve.train_loss[1:])
    assert learning_speed(trial, per, VOCABULARY, 3.0) == pytest.approx(gained / cost)
    assert learning_speed(trial, "second", VOCABULARY, 3.0) == pytest.approx(gained / 3)


def test_diverged_males_are_slowest_and_diverged_networks_never_win() -> None:
    history = run("male", generations=2)
    last = history[-1]
    number = last.of_sex("male")[0].number
    trial = last.early[number]
    broken = replace(
        trial, curve=replace(trial.curve, train_loss=np.full(len(trial.curve), np.nan))
    )
    hurt = replace(last, early={**last.early, number: broken})
    speed = speeds(hurt, EVOLUTION)
    assert speed[number] == min(speed.values())
    assert number not in [each.number for each in fathers([hurt], "fastest", EVOLUTION, 1, 1)]


@pytest.mark.parametrize("lost", ["train_loss", "validation_loss"])
def test_a_network_that_diverged_after_its_best_estimate_does_not_win(lost: str) -> None:
    history = run("male", generations=2)
    best = winner(history)
    generation = history[best.individual.generation]
    curve = generation.finished[best.individual.number].curve
    values = getattr(curve, lost).copy()
    values[-1 if lost == "validation_loss" else 15 :] = np.inf
    broken = replace(
        generation.finished[best.individual.number], curve=replace(curve, **{lost: values})
    )
    assert np.isfinite(broken.curve.best_validation_loss)
    assert np.isnan(broken.final_loss)
    finished = {**generation.finished, best.individual.number: broken}
    hurt = [replace(each, finished=finished) if each is generation else each for each in history]
    left = winner(hurt)
    assert left.individual != best.individual
    assert left.final_loss >= best.final_loss


def test_fathers_have_sons_and_daughters_alike(history: list[Generation]) -> None:
    for generation in history[1:]:
        sexes: dict[int, list[str]] = {}
        for each in generation.individuals:
            sexes.setdefault(each.parents[0].number, []).append(each.sex)
        for children in sexes.values():
            assert children.count("male") == children.count("female")


def test_generations_come_back_from_their_files(tmp_path: Path, history: list[Generation]) -> None:
    last = history[-1]
    save_individuals(tmp_path / "individuals.yaml", last.individuals)
    assert load_individuals(tmp_path / "individuals.yaml") == last.individuals
    for name, trials in (("early-01", last.early), ("finished-01", last.finished)):
        save_trials(tmp_path / f"{name}.json", trials, VOCABULARY, 5)
        took = {number: float(number) for number in trials}
        save_seconds(tmp_path / f"{name}.seconds.json", took, took)
    got = load_generation(GenerationFiles(folder=tmp_path, trials=["early-01", "finished-01"]))
    assert got.individuals == last.individuals
    assert got.vocabulary == VOCABULARY
    assert speeds(got, EVOLUTION) == speeds(last, EVOLUTION)
    assert got.known()[0][1] == last.known()[0][1]
    assert set(got.finished) == set(last.finished)


@pytest.mark.parametrize("mode", SEARCHES)
def test_every_shipped_mode_runs(mode: str) -> None:
    settings: Evolution = EVOLUTION.model_copy(update={"individuals": 6, "finished": 2})
    history = run_search(shipped(mode), settings, 2, train, VOCABULARY, 1, 1)
    assert winner(history).final_loss >= LOWEST
