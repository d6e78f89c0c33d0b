# The crossover study: trunk, events, training to the end, evaluation, comparison.
PLACE = "run-{run}.{lineage}.epoch-{epoch}"


def segment(wildcards):
    return LINEAGES.segment(wildcards.lineage, int(wildcards.epoch))


def train_input(wildcards):
    """Return the examples and, after epoch 0, the population that training starts from."""
    given = {"examples": EXAMPLES}
    part = segment(wildcards)
    if part.bred:
        given["source"] = node(part.lineage, part.start, "offspring.safetensors", wildcards.run)
    elif part.start:
        given["source"] = node(part.source, part.start, "population.safetensors", wildcards.run)
    return given


def train_told(wildcards):
    part = segment(wildcards)
    return told(
        engine=STUDY.engine,
        model=STUDY.model,
        trainer=STUDY.trainer,
        population=STUDY.population,
        classes=DATASET.classes,
        seed=STUDY.seed,
        run=int(wildcards.run),
        start=part.start,
        stop=part.stop,
    )


rule train:
    input:
        unpack(train_input),
    output:
        population=f"{CROSSOVER}/run-{{run}}/{{lineage}}/epoch-{{epoch}}/population.safetensors",
        curve=f"{CROSSOVER}/run-{{run}}/{{lineage}}/epoch-{{epoch}}/curve.csv",
    log:
        f"{RESULTS}/logs/train/{PLACE}.log",
    benchmark:
        f"{RESULTS}/benchmarks/train/{PLACE}.tsv"
    threads: cores("train")
    resources:
        **asks("train"),
    params:
        hydra=train_told,
        code=code("train"),
        source=lambda wildcards, input: input.get("source", "null"),
    message:
        "Training run {wildcards.run}, {wildcards.lineage}, to epoch {wildcards.epoch}"
    shell:
        "python {SCRIPTS}/train.py {params.hydra:q} threads={threads}"
        " examples={input.examples} source={params.source}"
        " target={output.population} curve={output.curve} > {log} 2>&1"


def breed_input(wildcards):
    """Return the population before the event and the learning curve that ends there."""
    before = LINEAGES.until(wildcards.lineage, int(wildcards.epoch))[-1]
    return {
        "source": node(before.lineage, before.stop, "population.safetensors", wildcards.run),
        "curve": node(before.lineage, before.stop, "curve.csv", wildcards.run),
    }


def breed_told(wildcards):
    index = LINEAGES.event_index(wildcards.lineage, int(wildcards.epoch))
    event = STUDY.arm[wildcards.lineage].events[index]
    # When it happens is the place of its files; by which fraction it was named is no matter.
    what = event.model_dump(mode="json", exclude={"at"})
    return told(event=what, seed=STUDY.seed, run=int(wildcards.run))


rule breed:
    input:
        unpack(breed_input),
    output:
        offspring=f"{CROSSOVER}/run-{{run}}/{{lineage}}/epoch-{{epoch}}/offspring.safetensors",
        parents=f"{CROSSOVER}/run-{{run}}/{{lineage}}/epoch-{{epoch}}/parents.json",
    log:
        f"{RESULTS}/logs/breed/{PLACE}.log",
    benchmark:
        f"{RESULTS}/benchmarks/breed/{PLACE}.tsv"
    threads: cores("breed")
    resources:
        **asks("breed"),
    params:
        hydra=breed_told,
        code=code("breed"),
    message:
        "Breeding run {wildcards.run}, {wildcards.lineage}, at epoch {wildcards.epoch}"
    shell:
        "python {SCRIPTS}/breed.py {params.hydra:q}"
        " source={input.source} curve={input.curve}"
        " target={output.offspring} parents={output.parents} > {log} 2>&1"


def points(run):
    """Return the populations in which the best network is wanted, each with its arms."""
    arms = {}
    for mark in MARKS:
        for arm in STUDY.arms:
            arms.setdefault(LINEAGES.until(arm, mark)[-1], []).append(arm)
    return [
        {
            "arms": names,
            "epoch": part.stop,
            "population": node(part.lineage, part.stop, "population.safetensors", run),
            "curve": node(part.lineage, part.stop, "curve.csv", run),
        }
        for part, names in arms.items()
    ]


def pieces(run):
    """Return the pieces of all arms' learning curves, in order."""
    return [
        {"arm": arm, "curve": node(part.lineage, part.stop, "curve.csv", run)}
        for arm in STUDY.arms
        for part in LINEAGES.chain(arm)
    ]


def evaluate_told(wildcards):
    return told(
        engine=STUDY.engine,
        model=STUDY.model,
        trainer=STUDY.trainer,
        metric=STUDY.evaluation.metric,
        classes=DATASET.classes,
        run=int(wildcards.run),
        points=points(wildcards.run),
        pieces=pieces(wildcards.run),
    )


rule evaluate:
    input:
        examples=EXAMPLES,
        populations=lambda wildcards: [point["population"] for point in points(wildcards.run)],
        curves=lambda wildcards: sorted({piece["curve"] for piece in pieces(wildcards.run)}),
    output:
        best=f"{CROSSOVER}/run-{{run}}/best.csv",
        curves=f"{CROSSOVER}/run-{{run}}/curves.csv",
    log:
        f"{RESULTS}/logs/evaluate/run-{{run}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/evaluate/run-{{run}}.tsv"
    threads: cores("evaluate")
    resources:
        **asks("evaluate"),
    params:
        hydra=evaluate_told,
        code=code("evaluate"),
    message:
        "Evaluating run {wildcards.run}"
    shell:
        "python {SCRIPTS}/evaluate.py {params.hydra:q} threads={threads}"
        " examples={input.examples} best={output.best} curves={output.curves} > {log} 2>&1"


rule collect:
    input:
        lambda wildcards: [f"{CROSSOVER}/run-{run}/{wildcards.table}.csv" for run in RUNS],
    output:
        f"{CROSSOVER}/{{table}}.csv",
    log:
        f"{RESULTS}/logs/collect/{{table}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/collect/{{table}}.tsv"
    wildcard_constraints:
        table="curves|best",
    threads: cores("collect")
    resources:
        **asks("collect"),
    params:
        code=code("collect"),
        tables=lambda wildcards, input: override("tables", list(input)),
    message:
        "Collecting {wildcards.table} of all runs"
    shell:
        "python {SCRIPTS}/collect.py {params.tables:q} target={output} > {log} 2>&1"


rule compare:
    input:
        best=f"{CROSSOVER}/best.csv",
    output:
        statistics=f"{CROSSOVER}/statistics.json",
        table=report(
            f"{CROSSOVER}/comparison.csv",
            caption="../report/comparison.rst",
            category="Crossover study",
            labels={"result": "Comparison of arms"},
        ),
        summary=f"{CROSSOVER}/summary.txt",
    log:
        f"{RESULTS}/logs/compare.log",
    benchmark:
        f"{RESULTS}/benchmarks/compare.tsv"
    threads: cores("compare")
    resources:
        **asks("compare"),
    params:
        hydra=told(statistics=STUDY.statistics, seed=STUDY.seed),
        code=code("compare"),
    message:
        "Comparing the arms"
    shell:
        "python {SCRIPTS}/compare.py {params.hydra:q} best={input.best}"
        " target={output.statistics} table={output.table} summary={output.summary} > {log} 2>&1"


rule plot:
    input:
        curves=f"{CROSSOVER}/curves.csv",
    output:
        svg=report(
            f"{CROSSOVER}/learning_curves.svg",
            caption="../report/learning_curves.rst",
            category="Crossover study",
            labels={"result": "Learning curves"},
        ),
        png=f"{CROSSOVER}/learning_curves.png",
    log:
        f"{RESULTS}/logs/plot.log",
    benchmark:
        f"{RESULTS}/benchmarks/plot.tsv"
    threads: cores("plot")
    resources:
        **asks("plot"),
    params:
        hydra=told(
            labels={name: STUDY.arm[name].label for name in STUDY.arms},
            reference=STUDY.statistics.reference,
            events=sorted({epoch for epochs in LINEAGES.events.values() for epoch in epochs}),
            figures=STUDY.figures,
            confidence=STUDY.statistics.confidence,
        ),
        code=code("plot"),
    message:
        "Drawing the learning curves"
    shell:
        "python {SCRIPTS}/plot.py {params.hydra:q} curves={input.curves}"
        " 'targets=[{output.svg},{output.png}]' > {log} 2>&1"
