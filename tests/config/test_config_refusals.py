"""What is wrong in a configuration is named before any work, one line for each key."""

from __future__ import annotations

import math
from typing import Any

import pytest

from crossbreed.config.base import ConfigError
from crossbreed.config.compose import compose_study
from repository import CONFIG
from user_changes import PRESETS, arms, event, mode


def merging(count: int = 2, **merge: Any) -> list[Any]:
    return [event(select={"rule": "top", "count": count}, merge=merge)]


COUPLES = {"rule": "couples", "fathers": "random", "mothers": "random"}
NO_CONTRASTS = list(enumerate(("a-b", "a - b - c", "A", "a -")))
# The smallest table that the preset `paper` may have.
GRID = {
    **{"layers": [6], "heads": [6], "width": [192, 384], "dropout": [0.2]},
    **{"learning_rate": [0.001], "batch_size": [64]},
}
TABLE = {"seeds": 2, "cells_per_job": 1, "shares": [1.0], "rows_from": None}
# Each the changes to the preset `paper` (N = 10, K = 100, 60,000 images, none held out; 12
# individuals, 6 of them finished, early at a quarter of 100 points and 20 evaluations); then how
# each line begins, with its key and value, and a piece of what it says is allowed.
Refused = tuple[dict[str, Any], dict[str, str]]
SINGLE_KEYS: dict[str, Refused] = {
    "unknown keys": (
        {"nonsense": 1, "trainer": {"lr": 0.1}, "trainer.epsilon": 2}
        | arms(a=[event(when=1), *merging(rule="mean", trim=0)]),
        {"nonsense = 1": "unknown key", "trainer.lr = 0.1": "unknown key"}
        | {"trainer.epsilon = 2": "unknown key", "arm.a.events.0.when = 1": "unknown key"}
        | {"arm.a.events.1.merge.trim = 0": "unknown key"},
    ),
    "missing keys": (
        arms(a=[event(merge={}), {"at": 0.75, "select": {"rule": "all"}}]),
        {"arm.a.events.0.merge = {}": "'rule'", "arm.a.events.1.merge": "must be given"},
    ),
    "wrong types": (
        {"runs": "many", "epochs": None, "population": 3, "trainer": {"learning_rate": "fast"}}
        | {"model": {"hidden_widths": 128}, "figures": {"title": ["a"]}, "arm": {"mine": None}}
        | {"gender": {"modes": "male"}, "language": {"tokens": 1.5, "compile": "perhaps"}},
        {"runs = 'many'": "integer", "epochs = None": "integer", "population = 3": "dictionary"}
        | {"trainer.learning_rate = 'fast'": "number", "model.hidden_widths = 128": "list"}
        | {"figures.title = ['a']": "string", "arm.mine = None": "dictionary"}
        | {"gender.modes = 'male'": "list", "language.tokens = 1.5": "integer"}
        | {"language.compile = 'perhaps'": "boolean"},
    ),
    "out of range": (
        {"runs": 0, "seed": -1, "population": {"size": 2.5}, "statistics": {"confidence": 95}}
        | {"evaluation": {"at": [0.5]}, "dataset": {"sources": []}, "barrier": {"points": 10}}
        | {"trainer": {"learning_rate": math.nan}, **arms(mine=[event(at=1)])}
        | {"gender": {"early": 1.0, "space": {"layers": {"low": 5, "high": 2}}}}
        | {"text": {"prefer": ["folio"]}},
        {"runs = 0": "equal to 1", "seed = -1": "equal to 0", "population.size = 2.5": "integer"}
        | {"statistics.confidence = 95": "less than 1", "evaluation.at = [0.5]": "include 1.0"}
        | {"dataset.sources = []": "at least 1", "barrier.points = 10": "odd"}
        | {"trainer.learning_rate = nan": "finite", "arm.mine.events.0.at = 1": "less than 1"}
        | {"gender.early = 1.0": "less than 1"}
        | {"gender.space.layers = {'low': 5, 'high': 2}": "low must be at most high"}
        | {"text.prefer = ['folio']": "must be one of gutenberg, tinyshakespeare"},
    ),
    "none of the choices": (
        {"engine": "jax", "studies": ["poetry"]}
        | arms(a=[event(select={"rule": "best"})], b=merging(rule="average")),
        {"engine = 'jax'": "'torch' or 'tensorflow'", "studies.0 = 'poetry'": "'crossover'"}
        | {"arm.a.events.0.select.rule = 'best'": "'all', 'top', 'random'"}
        | {"arm.b.events.0.merge.rule = 'average'": "'copy', 'mean', 'inner_mean'"},
    ),
    "none of a mode's choices": (
        mode(offspring=COUPLES | {"fathers": "tallest"}, finish="oracle"),
        {"mode.mine.search.offspring.fathers = 'tallest'": "'fastest' or 'random'"}
        | {"mode.mine.search.finish = 'oracle'": "'all', 'mother', 'random'"},
    ),
    "names and paths": (
        {"arms": ["baseline", "a/b", "Crossover"], "gender": {"modes": ["Male"]}}
        | {"dataset": {"files": {"train_images": {"name": "../x", "sha256": "A" * 64}}}},
        {"arms.1 = 'a/b'": "^[a-z]", "arms.2 = 'Crossover'": "^[a-z]"}
        | {"gender.modes.0 = 'Male'": "^[a-z]"}
        | {"dataset.files.train_images.name = '../x'": "^[A-Za-z0-9]"}
        | {f"dataset.files.train_images.sha256 = '{'A' * 64}'": "^[0-9a-f]{64}$"},
    ),
    "sources": (
        {
            "dataset": {
                "sources": [
                    {"kind": "http", "url": "ftp://x"},
                    {"kind": "debian", "package": "-o", "folder": "../x"},
                    {"kind": "ftp"},
                ]
            }
        },
        {"dataset.sources.0.url = 'ftp://x'": "^https?://"}
        | {"dataset.sources.1.package = '-o'": "^[a-z0-9]"}
        | {"dataset.sources.1.folder = '../x'": "without '..'"}
        | {"dataset.sources.2.kind = 'ftp'": "must be one of 'http', 'debian'"},
    ),
    "named twice": (
        {"arms": ["baseline", "crossover", "crossover"], "gender": {"modes": ["male", "male"]}},
        {"arms = ['baseline', 'crossover', 'crossover']": "crossover twice"}
        | {"gender.modes = ['male', 'male']": "male twice"},
    ),
    "an arm against itself": (
        {"statistics": {"contrasts": [{"arm": "baseline", "reference": "baseline"}]}},
        {"statistics.contrasts.0 = {'arm': 'baseline'": "two different arms"},
    ),
    "none of a mode's genes": (
        mode(genes=["depth", "width"], offspring={"rule": "newcomers"}, finish="all"),
        {"mode.mine.search.genes.0 = 'depth'": "'layers', 'heads', 'width'"},
    ),
    "genes that are neither a range nor a list": (
        {
            "gender": {
                "space": {
                    **{"layers": 3, "heads": {"low": 1}, "width": [384, 192], "dropout": [0.1, 1]},
                    **{"learning_rate": [0.1, 0.1], "batch_size": []},
                }
            }
        },
        {"gender.space.layers = 3": "must be a range, {low: ..., high: ...}, or a list of values"}
        | {"gender.space.width = [384, 192]": "ascending order, none twice"}
        | {"gender.space.dropout.1 = 1": "less than 1"}
        | {"gender.space.learning_rate = [0.1, 0.1]": "ascending order, none twice"}
        | {"gender.space.batch_size = []": "at least 1 item"},
    ),
    "contrasts that are no names": (
        {
            "gender": {
                "contrasts": [
                    *({"name": name, "weights": {}} for _, name in NO_CONTRASTS),
                    {"name": "a - b", "weights": {"No": 1, "male": "much"}},
                ]
            }
        },
        {f"gender.contrasts.{place}.name = '{name}'": "[a-z]" for place, name in NO_CONTRASTS}
        | {"gender.contrasts.4.weights.No = 'No'": "^[a-z]"}
        | {"gender.contrasts.4.weights.male = 'much'": "number"},
    ),
    "a mother's choice without a mother": (
        mode(offspring={"rule": "newcomers"}, finish="mother"),
        {"mode.mine.search = {'offspring': {'rule'": "needs offspring of the rule couples"},
    ),
    "no such preset": ({"preset": "napkin"}, {"preset = 'napkin'": ", ".join(PRESETS)}),
    "no preset": ({"preset": None}, {"preset = None": ", ".join(PRESETS)}),
    "preset as a path": ({"preset": "../ci"}, {"preset = '../ci'": ", ".join(PRESETS)}),
    "no such file": ({"trainer": "rmsprop"}, {"trainer = 'rmsprop'": "one of adam, sgd"}),
    "no such optimizer": (
        {"trainer": {"optimizer": "rmsprop"}},
        {"trainer = 'rmsprop'": "one of adam, sgd"},
    ),
    "no such data set": ({"dataset": {"name": "mnist"}}, {"dataset = 'mnist'": "fashion_mnist"}),
    "overrides not a list": ({"overrides": "runs=3"}, {"overrides = 'runs=3'": "list of strings"}),
    "unknown key of an override": ({"overrides": ["+trainer.lr=3"]}, {"trainer.lr = 3": "unknown"}),
}
ACROSS_KEYS: dict[str, Refused] = {
    "events at epochs 0, K, the same, an earlier": (
        arms(a=[event(at=0.004)], b=[event(at=0.996)], c=[event(at=at) for at in (0.5, 0.501, 0.3)])
        | {"evaluation": {"at": [0.001, 1.0]}},
        {"arm.a.events.0.at = 0.004": "is epoch 0; must be after epoch 0 and before the last, 100"}
        | {"arm.b.events.0.at = 0.996": "is epoch 100; must be after epoch 0 and before the last"}
        | {"arm.c.events.1.at = 0.501": "is epoch 50; must be after epoch 50"}
        | {"arm.c.events.2.at = 0.3": "is epoch 30; must be after epoch 50"}
        | {"evaluation.at = [0.001, 1.0]": "epochs [0, 100]; they must differ and not be 0"},
    ),
    "unknown and reserved arms": (
        {"arms": ["crossover", "nobody", "trunk"], "barrier": {"arm": "nobody"}}
        | {"statistics": {"contrasts": [{"arm": "crossover", "reference": "nobody"}]}},
        {"arms.1 = 'nobody'": "one of baseline, clone_best", "arms.2 = 'trunk'": "choose another"}
        | {"barrier.arm = 'nobody'": "unknown arm; must be one of baseline, clone_best"}
        | {"statistics.contrasts.0.reference = 'nobody'": "unknown arm; must be one of baseline"}
        | {"statistics.reference = 'baseline'": "arms, crossover"},
    ),
    "a primary comparison that is not made": (
        {"statistics": {"primary": {"arm": "clone_best", "reference": "crossover"}}},
        {"statistics.primary.reference = 'crossover'": "must be statistics.reference, baseline"},
    ),
    "a primary metric that is not taken": (
        {"statistics": {"metrics": ["test_loss"], "primary": {"metric": "validation_loss"}}},
        {"statistics.primary.metric = 'validation_loss': must be": "statistics.metrics, test_loss"}
        | {"statistics.primary.metric = 'validation_loss': needs": "dataset.validation > 0"},
    ),
    "parents that an event cannot have or merge": (
        arms(
            a=merging(count=11, rule="mean"),
            b=[event(select={"rule": "tournament", "count": 2, "size": 11})],
            c=[event(select={"rule": "species", "species": 6, "count": 2})],
            d=[event(offspring={"count": 2}), event(0.75, select={"rule": "top", "count": 3})],
            e=merging(count=3, rule="spherical"),
            f=[event(select={"rule": "top", "metric": "validation_accuracy"})],
        ),
        {"arm.a.events.0.select.count = 11": "at most the population's 10 networks"}
        | {"arm.b.events.0.select.size = 11": "at most the population's 10 networks"}
        | {"arm.c.events.0.select.count = 2": "times 6 species, at most the population's 10"}
        | {"arm.d.events.1.select.count = 3": "at most the population's 2 networks"}
        | {"arm.e.events.0.merge.rule = 'spherical'": "exactly 2 parents, not 3"}
        | {"arm.f.events.0.select.metric = 'validation_acc": "needs dataset.validation > 0"},
    ),
    "hidden units of a network without any": (
        {"model": {"hidden_widths": []}}
        | arms(a=merging(rule="unit_crossover"), b=merging(rule="mean", align_units=True)),
        {"arm.a.events.0.merge.rule = 'unit_crossover'": "needs a hidden layer"}
        | {"arm.b.events.0.merge.align_units = True": "needs a hidden layer"},
    ),
    "more images than there are": (
        {"dataset": {"train": 60_000, "validation": 1, "test": 10_001}},
        {"dataset.train = 60000": "at most 59999", "dataset.test = 10001": "at most 10000"},
    ),
    "all held out": ({"dataset": {"validation": 60_000}}, {"dataset.validation = 60000": "less"}),
    "large batch": ({"dataset": {"train": 31}}, {"trainer.batch_size = 32": "at most the 31 "}),
    "files of one name": (
        {"dataset": {"files": {"test_images": {"name": "x"}, "test_labels": {"name": "x"}}}},
        {"dataset.files": "must differ"},
    ),
    "a precision that the engine has not, no such mirror": (
        {"engine": "tensorflow", "trainer": {"precision": "bfloat16"}, "data": {"mirror": "/no"}},
        {"trainer.precision = 'bfloat16'": "must be float32 with engine = tensorflow"}
        | {"data.mirror = '/no'": "an existing folder"},
    ),
    "a population that does not fit": (
        {"gender": {"fathers": 7, "mothers": 8, "finished": 13}},
        {"gender.individuals = 12": "a multiple of 2 * gender.fathers * gender.mothers = 112"}
        | {"gender.finished = 13": "at most gender.individuals = 12"},
    ),
    "architectures that do not fit": (
        {
            "gender": {
                "space": {"heads": {"low": 5, "high": 5}, "width": {"low": 192, "high": 192}},
                "baseline": {"heads": 7},
                "predictor": {"founders_depth": 9, "depth": 4},
            }
        },
        {"gender.space.heads = [5]": "none divides the width 192"}
        | {"gender.baseline.heads = 7": "must divide gender.baseline.width = 384"}
        | {"gender.predictor.founders_depth = 9": "at most gender.predictor.depth = 4"},
    ),
    "points, evaluations and early share that do not fit": (
        {"gender": {"early": 0.33}, "language": {"evaluations": 30, "tokens": 100_000}},
        {"gender.early = 0.33": "multiple of 1 / language.evaluations = 1 / 30"}
        | {"language.evaluations = 30": "must divide language.points = 100"}
        | {"language.tokens = 100000": "4 iterations of batches of 128; must be at least"},
    ),
    "unknown and reserved modes": (
        {"gender": {"modes": ["baseline", "founders", "unisex"]}},
        {"gender.modes.1 = 'founders'": "choose another"}
        | {"gender.modes.2 = 'unisex'": "unknown mode; must be one of baseline, combined"},
    ),
    "unknown modes that others are compared with": (
        {
            "gender": {
                **{"modes": ["baseline"], "reference": "nobody", "main": "unisex"},
                # Of modes that there are, though they are not run, nothing is said.
                "contrasts": [
                    {"name": "mine", "weights": {"male": 1, "nobody": -1}},
                    {"name": "male - female", "weights": {"male": 1, "female": -1}},
                ],
            }
        },
        {"gender.reference = 'nobody'": "unknown mode; must be one of baseline, combined"}
        | {"gender.main = 'unisex'": "unknown mode; must be one of baseline, combined"}
        | {"gender.contrasts.0.weights = 'nobody'": "unknown mode; must be one of baseline"},
    ),
    "a table of a space without end": (
        {"gender": {"table": TABLE}},
        {"gender.table: needs a list of values for": "gender.space.dropout, learning_rate, not a"},
    ),
    "a table of too large a space": (
        {
            "gender": {
                "table": TABLE,
                "space": GRID | {"width": {"low": 1, "high": 10_001, "step": 1}},
            }
        },
        {"gender.space.heads = [6]": "none divides the width 1 "}
        | {"gender.table: gender.space has 10,001 architectures": "a table may have 10,000"},
    ),
    "a default architecture that is not in the table": (
        {"gender": {"table": TABLE, "space": GRID, "baseline": {"layers": 5}}},
        {"gender.baseline = {'layers': 5,": "must be an architecture of gender.space"},
    ),
    "shares of a table that are no points": (
        {"gender": {"table": TABLE | {"shares": [0.005, 0.01, 0.05, 0.125]}, "space": GRID}},
        {"gender.table.shares: 0.005 must be a multiple of 1 / language.points": "= 1 / 100"}
        | {"gender.table.shares: 0.005 must be a multiple of 1 / language.eva": "= 1 / 20"}
        | {"gender.table.shares: 0.01 must be a multiple of 1 / language.eva": "= 1 / 20"}
        | {"gender.table.shares: 0.125 must be a multiple of 1 / language.points": "= 1 / 100"}
        | {"gender.table.shares: 0.125 must be a multiple of 1 / language.eva": "= 1 / 20"},
    ),
    "rows of no table": (
        {"gender": {"table": TABLE | {"rows_from": "/no/table.csv"}, "space": GRID}},
        {"gender.table.rows_from = '/no/table.csv'": "must be an existing file"},
    ),
    "rows of the very table": (
        {
            "gender": {
                "table": TABLE | {"rows_from": "results/paper/gender/table.csv.gz"},
                "space": GRID,
            }
        },
        {"gender.table.rows_from = 'results/paper/gender/table.csv.gz'": "must be another"},
    ),
    "heads that divide a width only together with others": (
        mode(
            {"space": GRID | {"heads": [5, 6], "width": [100, 384]}},
            genes=["width"],
            offspring={"rule": "newcomers"},
            finish="all",
        ),
        {"mode.mine.search.genes = ['width']": "no number of heads divides the width 100"},
    ),
    "tournaments larger than their window": (
        mode(offspring={"rule": "mutants", "tournament": 9, "window": 4}, finish="all"),
        {"mode.mine.search.offspring.tournament = 9": "at most its window, 4"},
    ),
    "a budget for one parent": (
        mode(
            {"individuals": 2, "finished": 1, "fathers": 1, "mothers": 1},
            offspring=COUPLES,
            finish="all",
        ),
        {"mode.mine.search.finish = 'all'": "pays for 1 full trainings, but 2 are needed"},
    ),
}


@pytest.fixture(scope="module")
def composed() -> dict[tuple[str, ...], Any]:
    """Return what Hydra has made in earlier tests, which takes most of the time."""
    return {}


@pytest.mark.parametrize(
    ("user", "expected"),
    [*SINGLE_KEYS.values(), *ACROSS_KEYS.values()],
    ids=[*SINGLE_KEYS, *ACROSS_KEYS],
)
def test_each_problem_is_one_line_with_key_value_and_what_is_allowed(
    user: dict[str, Any], expected: dict[str, str], composed: dict[tuple[str, ...], Any]
) -> None:
    with pytest.raises(ConfigError) as refused:
        compose_study(CONFIG, {"preset": "paper", **user}, composed)
    lines = str(refused.value).splitlines()
    assert len(lines) == len(expected)
    for start, allowed in expected.items():
        (line,) = (line for line in lines if line.startswith(start))
        assert allowed in line.removeprefix(start)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("runs", "Error parsing override 'runs'"),
        ("turns=3", "Could not override 'turns'"),
        (
            "trainer=rmsprop",
            "Could not find 'trainer/rmsprop' Available options in 'trainer': adam",
        ),
        ("figures.title=${turns}", "Interpolation key 'turns' not found full_key: figures.title"),
    ],
)
def test_bad_raw_override_is_named_in_one_line(override: str, message: str) -> None:
    with pytest.raises(ConfigError) as refused:
        compose_study(CONFIG, {"overrides": [override]})
    (line,) = str(refused.value).splitlines()
    assert message in line


def test_a_long_value_is_shortened() -> None:
    with pytest.raises(ConfigError) as refused:
        compose_study(CONFIG, {"preset": "paper", "nonsense": list(range(10_000))})
    line = str(refused.value)
    assert line.startswith("nonsense = [0, 1, 2,")
    assert line.endswith("...: unknown key")
    assert len(line) < 500
