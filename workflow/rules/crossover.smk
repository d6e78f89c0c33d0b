# The crossover study: trunk, events, training to the end, evaluation, comparison.
SUMMARY = f"{CROSSOVER}/summary.txt"
PLACE = "run-{run}.{lineage}.epoch-{epoch}"
CROSSOVER_RESULTS = [
    f"{CROSSOVER}/learning_curves.svg",
    f"{CROSSOVER}/learning_curves.png",
    f"{CROSSOVER}/comparison.csv",
    f"{CROSSOVER}/comparison.html",
    f"{CROSSOVER}/statistics.json",
    SUMMARY,
    f"{CROSSOVER}/curves.csv",
    f"{CROSSOVER}/best.csv",
]


rule crossover:
    input:
        CROSSOVER_RESULTS,
        PLAN.populations(),


rule train:
    input:
        unpack(PLAN.train_input),
    output:
        population=f"{CROSSOVER}/run-{{run}}/{{lineage}}/epoch-{{epoch}}/population.safetensors",
        curve=f"{CROSSOVER}/run-{{run}}/{{lineage}}/epoch-{{epoch}}/curve.csv",
    log:
        f"{RESULTS}/logs/train/{PLACE}.log",
    benchmark:
        f"{RESULTS}/benchmarks/train/{PLACE}.tsv"
    conda:
        ENVIRONMENT
    threads: PLAN.threads("train")
    resources:
        **PLAN.resources("train"),
    params:
        hydra=PLAN.train_told,
        code=PLAN.code("train"),
        source=lambda wildcards, input: input.get("source", "null"),
    message:
        "Training run {wildcards.run}, {wildcards.lineage}, to epoch {wildcards.epoch}"
    shell:
        'python "$SCRIPTS/train.py" {params.hydra:q} "$SAVE_EVERY" threads={threads}'
        " examples={input.examples} source={params.source}"
        " target={output.population} curve={output.curve} > {log} 2>&1"


rule breed:
    input:
        unpack(PLAN.breed_input),
    output:
        offspring=f"{CROSSOVER}/run-{{run}}/{{lineage}}/epoch-{{epoch}}/offspring.safetensors",
        parents=f"{CROSSOVER}/run-{{run}}/{{lineage}}/epoch-{{epoch}}/parents.json",
    log:
        f"{RESULTS}/logs/breed/{PLACE}.log",
    benchmark:
        f"{RESULTS}/benchmarks/breed/{PLACE}.tsv"
    conda:
        ENVIRONMENT
    threads: PLAN.threads("breed")
    resources:
        **PLAN.resources("breed"),
    params:
        hydra=PLAN.breed_told,
        code=PLAN.code("breed"),
    message:
        "Breeding run {wildcards.run}, {wildcards.lineage}, at epoch {wildcards.epoch}"
    shell:
        'python "$SCRIPTS/breed.py" {params.hydra:q}'
        " source={input.source} curve={input.curve}"
        " target={output.offspring} parents={output.parents} > {log} 2>&1"


rule evaluate:
    input:
        unpack(PLAN.evaluate_input),
    output:
        best=f"{CROSSOVER}/run-{{run}}/best.csv",
        curves=f"{CROSSOVER}/run-{{run}}/curves.csv",
    log:
        f"{RESULTS}/logs/evaluate/run-{{run}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/evaluate/run-{{run}}.tsv"
    conda:
        ENVIRONMENT
    threads: PLAN.threads("evaluate")
    resources:
        **PLAN.resources("evaluate"),
    params:
        hydra=PLAN.evaluate_told,
        folder=subpath(output.best, parent=True),
        code=PLAN.code("evaluate"),
    message:
        "Evaluating run {wildcards.run}"
    shell:
        'python "$SCRIPTS/evaluate.py" {params.hydra:q} threads={threads}'
        " examples={input.examples} folder={params.folder} best={output.best} curves={output.curves} > {log} 2>&1"


rule collect:
    input:
        lambda wildcards: [f"{CROSSOVER}/run-{run}/{wildcards.table}.csv" for run in PLAN.runs],
    output:
        f"{CROSSOVER}/{{table}}.csv",
    log:
        f"{RESULTS}/logs/collect/{{table}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/collect/{{table}}.tsv"
    conda:
        ENVIRONMENT
    threads: PLAN.threads("collect")
    resources:
        **PLAN.resources("collect"),
    params:
        code=PLAN.code("collect"),
        hydra=lambda wildcards, input: told(tables=list(input)),
    message:
        "Collecting {wildcards.table} of all runs"
    shell:
        'python "$SCRIPTS/collect.py" {params.hydra:q} target={output} > {log} 2>&1'


rule compare:
    input:
        best=f"{CROSSOVER}/best.csv",
    output:
        statistics=f"{CROSSOVER}/statistics.json",
        table=f"{CROSSOVER}/comparison.csv",
        page=report(
            f"{CROSSOVER}/comparison.html",
            caption="../report/comparison.rst",
            category="Crossover study",
            labels={"result": "Comparison of arms"},
        ),
        summary=SUMMARY,
    log:
        f"{RESULTS}/logs/compare.log",
    benchmark:
        f"{RESULTS}/benchmarks/compare.tsv"
    conda:
        ENVIRONMENT
    threads: PLAN.threads("compare")
    resources:
        **PLAN.resources("compare"),
    params:
        hydra=PLAN.compare_told(),
        code=PLAN.code("compare"),
    message:
        "Comparing the arms"
    shell:
        'python "$SCRIPTS/compare.py" {params.hydra:q} best={input.best}'
        " target={output.statistics} table={output.table} page={output.page}"
        " summary={output.summary} > {log} 2>&1"


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
    conda:
        ENVIRONMENT
    threads: PLAN.threads("plot")
    resources:
        **PLAN.resources("plot"),
    params:
        # A function: Snakemake takes braces in a text for wildcards.
        hydra=lambda wildcards: PLAN.plot_told(),
        code=PLAN.code("plot"),
    message:
        "Drawing the learning curves"
    shell:
        'python "$SCRIPTS/plot.py" {params.hydra:q} curves={input.curves}'
        " 'targets=[{output.svg},{output.png}]' > {log} 2>&1"
