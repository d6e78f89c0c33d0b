"""Configurations that must be refused, and what the message must say of each wrong value."""

from __future__ import annotations

import math
from typing import Any

from repository import CONFIG

PRESETS = sorted(path.stem for path in (CONFIG / "preset").glob("*.yaml"))
ARMS = ", ".join(sorted(path.stem for path in (CONFIG / "arm").glob("*.yaml")))


def event(at: float = 0.5, **changes: Any) -> dict[str, Any]:
    """Return a valid event, but for the changes: the mean of the best two."""
    select, merge = {"rule": "top", "count": 2}, {"rule": "mean"}
    return {"at": at, "select": select, "merge": merge} | changes


def arms(**events: list[Any]) -> dict[str, Any]:
    """Return the user's changes that define some arms, given by their events, and run them."""
    defined = {name: {"label": name, "events": listed} for name, listed in events.items()}
    return {"arms": ["baseline", *events], "arm": defined}


def selecting(**select: Any) -> list[Any]:
    return [event(select=select)]


def merging(count: int = 2, **merge: Any) -> list[Any]:
    return [event(select={"rule": "top", "count": count}, merge=merge)]


def each(allowed: str, *keys: str) -> dict[str, str]:
    return dict.fromkeys(keys, allowed)


def files(*names: str) -> dict[str, Any]:
    """Return the user's changes that name the four files of the data set."""
    kinds = ("train_images", "train_labels", "test_images", "test_labels")
    named = {kind: {"name": name} for kind, name in zip(kinds, names, strict=True)}
    return {"dataset": {"files": named}}


def sources(*given: Any) -> dict[str, Any]:
    return {"dataset": {"sources": list(given)}}


# With a piece of what the message says is allowed.
ADDRESSES = {
    **each("^https?://", "ftp://x", "file:///etc/passwd", "javascript:1", "//x", "http:///x"),
    **each("^https?://", "http://a b", "http://a\nb", " http://a"),
}

# By kind: the user's changes to the preset `paper` (N = 10, K = 100, 60,000 images, none held
# out); then each wrong key with its value, and a piece of what the message says is allowed.
REFUSED: dict[str, tuple[dict[Any, Any], dict[str, str]]] = {
    "unknown keys": (
        {"nonsense": 1, "trainer": {"lr": 0.1}, "dataset": {"files": {"test_labels": {"md5": "x"}}}}
        | {"arm": {"reset_only": {"colour": "red"}}, "trainer.epsilon": 2},
        each("unknown key", "nonsense = 1", "trainer.lr = 0.1", "trainer.epsilon = 2")
        | each(
            "unknown key", "dataset.files.test_labels.md5 = 'x'", "arm.reset_only.colour = 'red'"
        ),
    ),
    "unknown and missing keys of arms": (
        arms(
            a=[event(when=1), *selecting(rule="top", tall=2), *merging(rule="mean", trim=0)],
            b=[event(merge={}), {"at": 0.75}],
        ),
        each("unknown key", "arm.a.events.0.when = 1", "arm.a.events.1.select.tall = 2")
        | each("unknown key", "arm.a.events.2.merge.trim = 0")
        | each("must be given", "arm.b.events.0.merge.rule", "arm.b.events.1.select")
        | each("must be given", "arm.b.events.1.merge"),
    ),
    "wrong types": (
        {"runs": "many", "epochs": None, "population": 3, "trainer": {"learning_rate": "fast"}}
        | {"model": {"hidden_widths": 128}, "arms": ["baseline", 1], "arm": {"mine": None}}
        | {"evaluation": {"at": ["end"]}, "figures": {"title": ["a"]}},
        {"runs = 'many'": "integer", "epochs = None": "integer", "population = 3": "mapping"}
        | {"trainer.learning_rate = 'fast'": "number", "model.hidden_widths = 128": "list"}
        | {"arms.1 = 1": "string", "arm.mine = None": "mapping"}
        | {"evaluation.at.0 = 'end'": "number", "figures.title = ['a']": "string"},
    ),
    "numbers out of range": (
        {"runs": 0, "epochs": -4, "segment_epochs": -3, "seed": -1, "population": {"size": 2.5}}
        | {"statistics": {"confidence": 95}, "trainer": {"learning_rate": 0}},
        {"runs = 0": "equal to 1", "epochs = -4": "equal to 2", "segment_epochs = -3": "equal to 1"}
        | {"seed = -1": "equal to 0", "population.size = 2.5": "integer"}
        | {"statistics.confidence = 95": "less than 1", "trainer.learning_rate = 0": "than 0"},
    ),
    "words that are none of the choices": (
        {"trainer": {"optimizer": "rmsprop"}}
        | {"engine": "abacus", **arms(a=selecting(rule="best"), b=merging(rule="average"))},
        {"trainer.optimizer = 'rmsprop'": "'adam' or 'sgd'", "engine = 'abacus'": "'torch'"}
        | {"arm.a.events.0.select.rule = 'best'": "'all', 'top', 'random'"}
        | {"arm.b.events.0.merge.rule = 'average'": "'copy', 'mean', 'inner_mean'"},
    ),
    "truth values for numbers": (
        {"runs": True, "population": {"size": True}, "trainer": {"learning_rate": True}}
        | {"evaluation": {"at": [True]}, "dataset": {"validation": False}},
        each("a number", "runs = True", "population.size = True", "trainer.learning_rate = True")
        | each("a number", "evaluation.at.0 = True", "dataset.validation = False"),
    ),
    "truth values for numbers of an event": (
        arms(mine=[event(offspring={"mutation": True}), *merging(rule="inner_mean", trim=False)]),
        each("a number", "arm.mine.events.0.offspring.mutation = True")
        | each("a number", "arm.mine.events.1.merge.trim = False"),
    ),
    "numbers that are not finite": (
        {"trainer": {"learning_rate": math.nan, "epsilon": math.inf}}
        | {"evaluation": {"at": [-math.inf, 1.0]}, **arms(mine=[event(at=math.nan)])},
        {"trainer.learning_rate = nan": "finite", "trainer.epsilon = inf": "finite"}
        | {"evaluation.at.0 = -inf": "finite", "arm.mine.events.0.at = nan": "finite"},
    ),
    "empty lists": (
        {"arms": [], "evaluation": {"at": []}, "dataset": {"sources": []}},
        each("at least 1", "arms = []", "evaluation.at = []", "dataset.sources = []"),
    ),
    "events not within training": (
        arms(mine=[event(at=at) for at in (0, 1, -0.1, 1.5)]),
        {"arm.mine.events.0.at = 0": "greater than 0", "arm.mine.events.1.at = 1": "less than 1"}
        | {"arm.mine.events.2.at = -0.1": "than 0", "arm.mine.events.3.at = 1.5": "than 1"},
    ),
    "events at epochs 0, K, the same, an earlier": (
        arms(a=[event(at=0.004)], b=[event(at=0.996)], c=[event(at=at) for at in (0.5, 0.501, 0.3)])
        | {"evaluation": {"at": [0.001, 1.0]}},
        {"arm.a.events.0.at = 0.004": "is epoch 0; must be after epoch 0 and before the last, 100"}
        | {"arm.b.events.0.at = 0.996": "is epoch 100; must be after epoch 0 and before the last"}
        | {"arm.c.events.1.at = 0.501": "is epoch 50; must be after epoch 50"}
        | {"arm.c.events.2.at = 0.3": "is epoch 30; must be after epoch 50"}
        | {"evaluation.at = [0.001, 1.0]": "epochs [0, 100]; they must differ and not be 0"},
    ),
    "names of arms": (
        {"arms": ["baseline", "a/b", "..", "Crossover", "none", "infinity"]},
        {"arms.1 = 'a/b'": "^[a-z]", "arms.2 = '..'": "^[a-z]", "arms.3 = 'Crossover'": "^[a-z]"}
        | {"arms.4 = 'none'": "must not be a word", "arms.5 = 'infinity'": "must not be a word"},
    ),
    "arms unknown, reserved, named twice": (
        {"arms": ["crossover", "nobody", "trunk", "crossover"]},
        {"arms.1 = 'nobody'": f"one of {ARMS}", "arms.2 = 'trunk'": "choose another"}
        | {"arms.3 = 'crossover'": "twice", "statistics.reference = 'baseline'": "arms, crossover"},
    ),
    "parents that an event cannot have or merge": (
        arms(
            a=selecting(rule="top", count=11),
            b=selecting(rule="tournament", count=2, size=11),
            c=selecting(rule="species", species=6, count=2),
            d=[event(offspring={"count": 2}), event(0.75, select={"rule": "top", "count": 3})],
            e=merging(count=3, rule="spherical"),
            f=[event(select={"rule": "all"}, merge={"rule": "spherical"})],
        ),
        {"arm.a.events.0.select.count = 11": "at most the population's 10 networks"}
        | {"arm.b.events.0.select.size = 11": "at most the population's 10 networks"}
        | {"arm.c.events.0.select.count = 2": "times 6 species, at most the population's 10"}
        | {"arm.d.events.1.select.count = 3": "at most the population's 2 networks"}
        | {"arm.e.events.0.merge.rule = 'spherical'": "exactly 2 parents, not 3"}
        | {"arm.f.events.0.merge.rule = 'spherical'": "exactly 2 parents, not 10"},
    ),
    "metrics of validation without validation": (
        arms(a=selecting(rule="top", metric="validation_accuracy")),
        {"arm.a.events.0.select.metric = 'validation_accuracy'": "needs dataset.validation > 0"},
    ),
    "more images than there are": (
        {"dataset": {"train": 60_000, "validation": 1, "test": 10_001}},
        {"dataset.train = 60000": "at most 59999", "dataset.test = 10001": "at most 10000"},
    ),
    "all held out": ({"dataset": {"validation": 60_000}}, {"dataset.validation = 60000": "less"}),
    "large batch": ({"dataset": {"train": 31}}, {"trainer.batch_size = 32": "at most the 31 "}),
    "end not evaluated": ({"evaluation": {"at": [0.5]}}, {"evaluation.at = [0.5]": "include 1.0"}),
    "end named twice": ({"evaluation": {"at": [1.0, 1]}}, {"evaluation.at = [1.0, 1]": "twice"}),
    "no such mirror": ({"data": {"mirror": "/no"}}, {"data.mirror = '/no'": "an existing folder"}),
    "sign for a missing value": (
        {"runs": "???", "figures": {"title": "???"}},
        {"runs = '???'": "must be", "figures.title = '???'": "must"},
    ),
    "preset": ({"preset": "napkin"}, {"preset = 'napkin'": ", ".join(PRESETS)}),
    "no preset": ({"preset": None}, {"preset = None": ", ".join(PRESETS)}),
    "file of a group": ({"trainer": "rmsprop"}, {"trainer = 'rmsprop'": "one of adam, sgd"}),
    "texts that look like numbers": (
        {"runs": "\uff13", "epochs": "\u0663", "seed": "1e3", "trainer": {"epsilon": "\uff11"}}
        | {"population": {"size": "0x3"}, "statistics": {"resamples": "9,999"}},
        each("valid integer", "runs = '\uff13'", "epochs = '\u0663'", "seed = '1e3'")
        | each("valid integer", "population.size = '0x3'", "statistics.resamples = '9,999'")
        | {"trainer.epsilon = '\uff11'": "valid number"},
    ),
    "numbers too large for any machine": (
        {"seed": 2**63, "runs": 10**20, "trainer": {"learning_rate": "1e999"}}
        | {"statistics": {"confidence": 1e300}},
        {f"seed = {2**63}": f"{2**63 - 1}", f"runs = {10**20}": "equal to 1000000"}
        | {"trainer.learning_rate = '1e999'": "finite", "statistics.confidence = 1e+300": "than 1"},
    ),
    "numbers too large for Python to write": (
        {"runs": 10**400, "seed": -(10**5000), "preset": 10**5000, "overrides": [10**5000]}
        | {"trainer": {"learning_rate": 10**400}, "dataset": {"name": 10**5000}}
        | arms(mine=merging(rule=10**5000)),
        each("at most 308 digits", "runs = 10**400", "trainer.learning_rate = 10**400")
        | each("at most 308 digits", "seed = -10**5000", "preset = 10**5000")
        | each("at most 308 digits", "overrides.0 = 10**5000", "dataset.name = 10**5000")
        | each("at most 308 digits", "arm.mine.events.0.merge.rule = 10**5000"),
    ),
    "truth values that are none": (
        {"trainer": {"compile": 2}, **arms(mine=merging(rule="mean", align_units="perhaps"))},
        each("boolean", "trainer.compile = 2", "arm.mine.events.0.merge.align_units = 'perhaps'"),
    ),
    "a precision that is none": (
        {"trainer": {"precision": "half"}, "language": {"precision": 16}},
        each("'float32' or 'bfloat16'", "trainer.precision = 'half'", "language.precision = 16"),
    ),
    "a precision that the engine has not": (
        {"engine": "tensorflow", "trainer": {"precision": "bfloat16"}},
        {"trainer.precision = 'bfloat16'": "must be float32 with engine = tensorflow"},
    ),
    "texts that are none": (
        {"figures": {"title": True, "epoch_label": 3, "loss_label": {"a": 1}}, "arms": [None]}
        | {"data": {"mirror": False}, "engine": ["torch"]},
        each("string", "figures.title = True", "figures.epoch_label = 3", "arms.0 = None")
        | each("string", "figures.loss_label = {'a': 1}", "data.mirror = False")
        | {"engine = ['torch']": "'torch'"},
    ),
    "texts of no line": (
        {"figures": {"title": "", "epoch_label": "a\nb", "loss_label": "a\rb"}},
        {"figures.title = ''": "at least 1 character"}
        | each("one line", r"figures.epoch_label = 'a\nb'", r"figures.loss_label = 'a\rb'"),
    ),
    "characters that break a line, a terminal or a variable of the environment": (
        {"figures": {"title": "a\0b", "epoch_label": "\x1b[31mred", "loss_label": "a\u2028b"}}
        | {"data": {"mirror": "a\x85b"}, "arm": {"crossover": {"label": "a\tb"}}},
        each("one line of printable characters", r"figures.title = 'a\x00b'")
        | each("one line of printable characters", r"figures.epoch_label = '\x1b[31mred'")
        | each("one line of printable characters", r"figures.loss_label = 'a\u2028b'")
        | each("one line of printable characters", r"data.mirror = 'a\x85b'")
        | each("one line of printable characters", r"arm.crossover.label = 'a\tb'"),
    ),
    "characters that turn the direction of writing, or are none": (
        {"figures": {"title": "\u202ecod", "epoch_label": "a\u200f", "loss_label": "\ufffe"}}
        | {"arm": {"crossover": {"label": "\ud800"}}},
        each("one line of printable characters", r"figures.title = '\u202ecod'")
        | each("one line of printable characters", r"figures.epoch_label = 'a\u200f'")
        | each("one line of printable characters", r"figures.loss_label = '\ufffe'")
        | {r"arm.crossover.label = '\ud800'": "valid string"},
    ),
    "names of arms that look like others": (
        {"arms": ["b\u0430seline", "\uff42aseline", "base\u200bline", "\u202ebaseline", "a b"]}
        | {"statistics": {"reference": "baseline\n"}},
        each("^[a-z]", "arms.0 = 'b\u0430seline'", "arms.1 = '\uff42aseline'", "arms.4 = 'a b'")
        | each("^[a-z]", r"arms.2 = 'base\u200bline'", r"arms.3 = '\u202ebaseline'")
        | each("^[a-z]", r"statistics.reference = 'baseline\n'"),
    ),
    "names of arms as paths": (
        {"arms": ["/etc", "../x", "a\0", "a" * 65]}
        | {"arm": {name: {"label": "a", "events": []} for name in ("a/b", "..", "", "true")}},
        each("^[a-z]", "arms.0 = '/etc'", "arms.1 = '../x'", r"arms.2 = 'a\x00'")
        | {f"arms.3 = '{'a' * 65}'": "at most 64 characters"}
        | each("^[a-z]", "arm.a/b = 'a/b'", "arm... = '..'", "arm.'' = ''")
        | {"arm.true = 'true'": "must not be a word"},
    ),
    "keys that are no text": (
        {1: 2, None: 3, "figures": {True: "x"}, "evaluation": {"at": {1.5: 2}}}
        | {"arm": {"a\nb": 1, "\u202ea": 2}, "dataset": {"files": {(1, 2): 3}}, "\ud800": 4},
        each("a key must be printable text", "1 = 2", "None = 3", "figures.True = 'x'")
        | each("a key must be printable text", "evaluation.at.1.5 = 2", r"arm.'a\nb' = 1")
        | each("a key must be printable text", r"arm.'\u202ea' = 2", r"'\ud800' = 4")
        | each("a key must be printable text", "dataset.files.(1, 2) = 3"),
    ),
    "keys that look like others": (
        {"run\u0455": 1, "": 2, "figures": {"Title": "a", " title": "b", "\uff54itle": "c"}},
        each("unknown key", "run\u0455 = 1", "'' = 2", "figures.Title = 'a'")
        | each("unknown key", "figures. title = 'b'", "figures.\uff54itle = 'c'"),
    ),
    "lists for mappings": (
        {"population": [1], "data": ["a"], "figures": [], "statistics": [2], "arm": {"mine": [3]}}
        | {"evaluation": [4]},
        each("a mapping", "population = [1]", "data = ['a']", "figures = []", "statistics = [2]")
        | each("a mapping", "arm.mine = [3]", "evaluation = [4]"),
    ),
    "mappings for lists": (
        {"arms": {"a": 1}, "evaluation": {"at": {"b": 2}}, "dataset": {"sources": {"kind": "http"}}}
        | {"model": {"hidden_widths": {"c": 3}}},
        each(
            "list", "arms = {'a': 1}", "evaluation.at = {'b': 2}", "model.hidden_widths = {'c': 3}"
        )
        | each("list", "dataset.sources = {'kind': 'http'}"),
    ),
    "events that are none": (
        arms(mine=[None, "x", [], event(select="top", merge=None), *selecting(rule=["top"])]),
        each("a mapping", "arm.mine.events.0 = None", "arm.mine.events.1 = 'x'")
        | each("a mapping", "arm.mine.events.2 = []", "arm.mine.events.3.select = 'top'")
        | {"arm.mine.events.3.merge = None": "a mapping"}
        | {"arm.mine.events.4.select.rule = ['top']": "one of 'all'"},
    ),
    "whole numbers out of range": (
        {"gpus": -1, "model": {"hidden_widths": [0, 2**20]}},
        {"gpus = -1": "equal to 0", "model.hidden_widths.0 = 0": "to 1"}
        | {"model.hidden_widths.1 = 1048576": "1000000"},
    ),
    "files that would leave the results": (
        files("../x", "/etc/passwd", "a/b", ".."),
        each(
            "^[A-Za-z0-9]",
            "dataset.files.train_images.name = '../x'",
            "dataset.files.train_labels.name = '/etc/passwd'",
            "dataset.files.test_images.name = 'a/b'",
            "dataset.files.test_labels.name = '..'",
        ),
    ),
    "names of files": (
        files("a" * 101, "-rf", "a b", "a\0"),
        {f"dataset.files.train_images.name = '{'a' * 101}'": "at most 100 characters"}
        | each("^[A-Za-z0-9]", "dataset.files.train_labels.name = '-rf'")
        | each("^[A-Za-z0-9]", "dataset.files.test_images.name = 'a b'")
        | each("^[A-Za-z0-9]", r"dataset.files.test_labels.name = 'a\x00'"),
    ),
    "files that take each other's place": (
        files("origins.json", "a", "a", "download.log"),
        each("another file", "dataset.files.train_images.name = 'origins.json'")
        | each("another file", "dataset.files.test_images.name = 'a'")
        | each("another file", "dataset.files.test_labels.name = 'download.log'"),
    ),
    "digests": (
        {"dataset": {"files": {"train_images": {"sha256": "A" * 64}}}}
        | {"figures": {"title": "x" * 201}},
        {f"dataset.files.train_images.sha256 = '{'A' * 64}'": "^[0-9a-f]{64}$"}
        | {f"figures.title = '{'x' * 201}'": "at most 200 characters"},
    ),
    "addresses": (
        sources(*({"kind": "http", "url": url} for url in ADDRESSES)),
        {
            f"dataset.sources.{index}.url = {url!r}": allowed
            for index, (url, allowed) in enumerate(ADDRESSES.items())
        },
    ),
    "packages": (
        sources(
            {"kind": "debian", "package": "-o", "folder": "../x"},
            {"kind": "debian", "package": "a/b", "folder": "a/../../x"},
            {"kind": "debian", "package": "../a", "folder": "/etc"},
            {"kind": "debian", "package": "a b", "folder": "a\0"},
            {"kind": "ftp"},
            "http://localhost",
        ),
        each("^[a-z0-9]", "dataset.sources.0.package = '-o'", "dataset.sources.1.package = 'a/b'")
        | each("^[a-z0-9]", "dataset.sources.2.package = '../a'")
        | each("^[a-z0-9]", "dataset.sources.3.package = 'a b'")
        | each("without '..'", "dataset.sources.0.folder = '../x'")
        | each("without '..'", "dataset.sources.1.folder = 'a/../../x'")
        | each("inside the package", "dataset.sources.2.folder = '/etc'")
        | each("printable", r"dataset.sources.3.folder = 'a\x00'")
        | each("'http', 'debian'", "dataset.sources.4.kind = 'ftp'")
        | each("a mapping", "dataset.sources.5 = 'http://localhost'"),
    ),
    "preset as a path": ({"preset": "../ci"}, {"preset = '../ci'": ", ".join(PRESETS)}),
    "preset as an absolute path": ({"preset": "/etc/passwd"}, {"preset = '/etc/passwd'": "ci"}),
    "preset that looks like another": ({"preset": "\u0441i"}, {"preset = '\u0441i'": "ci"}),
    "preset with a line's end": ({"preset": "ci\n"}, {r"preset = 'ci\n'": "ci"}),
    "data set as a path": ({"dataset": "../x"}, {"dataset = '../x'": "fashion_mnist"}),
    "data set named as a path": (
        {"dataset": {"name": "a/../b"}},
        {"dataset.name = 'a/../b'": "fashion_mnist"},
    ),
    "model as a path": ({"model": "../model/dense"}, {"model = '../model/dense'": "dense"}),
    "model named as a path": ({"model": {"name": "../x"}}, {"model.name = '../x'": "'dense'"}),
    "trainer as a file": ({"trainer": "adam.yaml"}, {"trainer = 'adam.yaml'": "adam, sgd"}),
    "trainer as a list": ({"trainer": ["adam"]}, {"trainer = ['adam']": "adam, sgd"}),
    "mirror that is a file": (
        {"data": {"mirror": __file__}},
        {f"data.mirror = {__file__!r}": "an existing folder"},
    ),
    "mirror of a name too long": (
        {"data": {"mirror": "/" + "m" * 256}},
        {f"data.mirror = '/{'m' * 256}'": "an existing folder"},
    ),
    "raw preset as a path": (
        {"overrides": ["preset=../trainer/adam"]},
        {"preset = '../trainer/adam'": "^[a-z]"},
    ),
    "overrides not a list": ({"overrides": "runs=3"}, {"overrides = 'runs=3'": "list of strings"}),
    "raw override of no text": ({"overrides": [3]}, {"overrides = [3]": "list of strings"}),
    "raw unknown key": ({"overrides": ["+trainer.lr=3"]}, {"trainer.lr = 3": "unknown key"}),
}
