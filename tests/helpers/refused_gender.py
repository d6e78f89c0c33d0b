"""Configurations of the gender study that must be refused, as in `refused_values`."""

from __future__ import annotations

from typing import Any


def gender(**changes: Any) -> dict[str, Any]:
    return {"gender": changes}


def space(**genes: Any) -> dict[str, Any]:
    return gender(space=genes)


def mode(**search: Any) -> dict[str, Any]:
    """Return the user's changes that define the mode `mine` and run it."""
    defined = {"mine": {"label": "mine", "search": search}}
    return {"mode": defined, **gender(modes=["baseline", "mine"])}


COUPLES = {"rule": "couples", "fathers": "random", "mothers": "random"}

# By kind: the user's changes to the preset `paper` (12 individuals, 4 of them finished, early at a
# quarter of 100 points and 20 evaluations); then each wrong key with its value, and a piece of what
# the message says is allowed.
REFUSED_GENDER: dict[str, tuple[dict[Any, Any], dict[str, str]]] = {
    "unknown keys": (
        gender(females=3, space={"depth": 1}) | {"language": {"lr": 1}, "text": {"shuffle": True}},
        {"gender.females = 3": "unknown key", "gender.space.depth = 1": "unknown key"}
        | {"language.lr = 1": "unknown key", "text.shuffle = True": "unknown key"},
    ),
    "wrong types": (
        gender(seeds="two", early="soon", modes="male") | {"language": {"tokens": 1.5}},
        {"gender.seeds = 'two'": "integer", "gender.early = 'soon'": "number"}
        | {"gender.modes = 'male'": "list", "language.tokens = 1.5": "integer"},
    ),
    "numbers out of range": (
        gender(seeds=0, individuals=1, generations=1, early=1.0, mutation=1.5, finished=0)
        | {"language": {"beta_2": 1, "gradient_clip": 0}, "text": {"train_share": 1}},
        {"gender.seeds = 0": "equal to 1", "gender.individuals = 1": "equal to 2"}
        | {"gender.generations = 1": "equal to 2", "gender.early = 1.0": "less than 1"}
        | {"gender.mutation = 1.5": "equal to 1", "gender.finished = 0": "equal to 1"}
        | {"language.beta_2 = 1": "less than 1", "language.gradient_clip = 0": "greater than 0"}
        | {"text.train_share = 1": "less than 1"},
    ),
    "couples that have no place, more finished than there are": (
        gender(fathers=7, mothers=8, finished=13),
        {"gender.individuals = 12": "a multiple of 2 * gender.fathers * gender.mothers = 112"}
        | {"gender.finished = 13": "at most gender.individuals = 12"},
    ),
    "genes whose ends are crossed": (
        space(layers={"low": 5, "high": 2}, learning_rate={"low": 0.1, "high": 0.01}),
        {"gender.space.layers = {'low': 5, 'high': 2}": "low must be at most high"}
        | {
            "gender.space.learning_rate = {'low': 0.1, 'high': 0.01}": "low must be at most high",
        },
    ),
    "choices in disorder": (
        space(batch_size={"choices": [8, 4]}),
        {"gender.space.batch_size = {'choices': [8, 4]}": "ascending"},
    ),
    "widths that no number of heads divides": (
        space(heads={"low": 5, "high": 5}, width={"low": 192, "high": 192}),
        {"gender.space.heads = 5 to 5": "none divides the width 192"},
    ),
    "a default architecture whose heads do not divide its width": (
        gender(baseline={"heads": 7}),
        {"gender.baseline.heads = 7": "must divide gender.baseline.width = 384"},
    ),
    "points, evaluations and early share that do not fit": (
        gender(early=0.33) | {"language": {"evaluations": 30}},
        {"gender.early = 0.33": "multiple of 1 / language.evaluations = 1 / 30"}
        | {"language.evaluations = 30": "must divide language.points = 100"},
    ),
    "too short a training": (
        {"language": {"tokens": 100_000}},
        {"language.tokens = 100000": "4 iterations of batches of 128; must be at least"},
    ),
    "founders' trees too deep": (
        gender(predictor={"founders_depth": 9, "depth": 4}),
        {"gender.predictor.founders_depth = 9": "at most gender.predictor.depth = 4"},
    ),
    "names of modes": (
        gender(modes=["baseline", "baseline", "founders", "Male", "unisex"]),
        {"gender.modes.3 = 'Male'": "^[a-z]"},
    ),
    "modes that are not there": (
        gender(modes=["baseline", "baseline", "founders", "unisex"]),
        {"gender.modes.1 = 'baseline'": "not be named twice"}
        | {"gender.modes.2 = 'founders'": "choose another"}
        | {"gender.modes.3 = 'unisex'": "unknown mode; must be one of baseline, combined"},
    ),
    "a mother's choice without a mother": (
        mode(offspring={"rule": "newcomers"}, finish="mother"),
        {
            "mode.mine.search = {'offspring': {'rule': 'newcomers'}, 'finish': 'mother'}": (
                "needs offspring of the rule couples"
            )
        },
    ),
    "rules that are none": (
        mode(offspring=COUPLES | {"fathers": "tallest"}, finish="oracle"),
        {"mode.mine.search.offspring.fathers = 'tallest'": "'fastest' or 'random'"}
        | {"mode.mine.search.finish = 'oracle'": "'all', 'mother', 'random'"},
    ),
    "tournaments larger than their window": (
        mode(offspring={"rule": "mutants", "tournament": 9, "window": 4}, finish="all"),
        {"mode.mine.search.offspring.tournament = 9": "at most its window, 4"},
    ),
    "studies": ({"studies": ["gender", "gender"]}, {"studies = ['gender', 'gender']": "twice"}),
    "unknown studies": ({"studies": ["poetry"]}, {"studies.0 = 'poetry'": "'crossover'"}),
    "editions": (
        {"text": {"prefer": ["folio"]}},
        {"text.prefer = ['folio']": "must be one of gutenberg, tinyshakespeare"},
    ),
    "couples without a mother": (
        mode(offspring=COUPLES, finish="all")
        | gender(individuals=2, finished=1, fathers=1, mothers=1, modes=["baseline", "mine"]),
        {"mode.mine.search.finish = 'all'": "needs a father and a mother"},
    ),
}
