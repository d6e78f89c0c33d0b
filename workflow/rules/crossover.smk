# The crossover study: trunk, events, training to the end, evaluation, comparison.
SUMMARY = f"{CROSSOVER}/summary.txt"
PLACE = "run-{run}.{lineage}.epoch-{epoch}"
BARRIER = [f"{CROSSOVER}/barrier.csv"] if PLAN.measures_barrier() else []
# The figures, and their names in the report.
CROSSOVER_FIGURES = {
    "learning_curves": "Learning curves",
    "effects": "Differences of arms",
    "paired_runs": "Every run",
    "all_networks": "Every network",
    "time_to_target": "How fast a loss is reached",
    **({"loss_barrier": "Loss between the parents"} if BARRIER else {}),
}
CROSSOVER_RESULTS = [
    *[
        f"{CROSSOVER}/{figure}.{suffix}"
        for figure in CROSSOVER_FIGURES
        for suffix in ("svg", "png")
    ],
    *BARRIER,
    f"{CROSSOVER}/comparison.csv",
    f"{CROSSOVER}/statistics.json",
    SUMMARY,
    f"{CROSSOVER}/curves.csv",
    f"{CROSSOVER}/best.csv",
    f"{CROSSOVER}/networks.csv",
    f"{CROSSOVER}/outcomes.csv",
    f"{CROSSOVER}/differences_by_epoch.csv",
    f"{CROSSOVER}/target_times.csv",
    f"{CROSSOVER}/targets.csv",
    f"{CROSSOVER}/cost.csv",
]


rule crossover:
    input:
        CROSSOVER_RESULTS,
        PLAN.populations(),


rule train:
    input:
        unpack(at("train_input")),
    output:
        population=f"{RESULTS}/{{place}}/run-{{run}}/{{lineage}}/epoch-{{epoch}}/population.safetensors",
        curve=f"{RESULTS}/{{place}}/run-{{run}}/{{lineage}}/epoch-{{epoch}}/curve.csv",
    log:
        f"{RESULTS}/logs/{{place}}/train/{PLACE}.log",
    benchmark:
        f"{RESULTS}/benchmarks/{{place}}/train/{PLACE}.tsv"
    conda:
        ENVIRONMENT
    resources:
        **TRAINING,
    params:
        hydra=at("train_told"),
        code=of_place("code", "train"),
        source=lambda wildcards, input: input.get("source", "null"),
    message:
        "Training {wildcards.place}, run {wildcards.run}, {wildcards.lineage}, to epoch {wildcards.epoch}"
    shell:
        'python "$CROSSBREED_SCRIPTS/train.py" {params.hydra:q} "$CROSSBREED_SAVE_EVERY" threads={threads}'
        " examples={input.examples} source={params.source}"
        " target={output.population} curve={output.curve} > {log} 2>&1"


rule breed:
    input:
        unpack(at("breed_input")),
    output:
        offspring=f"{RESULTS}/{{place}}/run-{{run}}/{{lineage}}/epoch-{{epoch}}/offspring.safetensors",
        parents=f"{RESULTS}/{{place}}/run-{{run}}/{{lineage}}/epoch-{{epoch}}/parents.json",
    log:
        f"{RESULTS}/logs/{{place}}/breed/{PLACE}.log",
    benchmark:
        f"{RESULTS}/benchmarks/{{place}}/breed/{PLACE}.tsv"
    localrule: True
    conda:
        ENVIRONMENT
    params:
        hydra=at("breed_told"),
        code=of_place("code", "breed"),
    message:
        "Breeding {wildcards.place}, run {wildcards.run}, {wildcards.lineage}, at epoch {wildcards.epoch}"
    shell:
        'python "$CROSSBREED_SCRIPTS/breed.py" {params.hydra:q}'
        " source={input.source} curve={input.curve}"
        " target={output.offspring} parents={output.parents} > {log} 2>&1"


rule evaluate:
    input:
        unpack(at("evaluate_input")),
    output:
        networks=f"{RESULTS}/{{place}}/run-{{run}}/networks.csv",
        best=f"{RESULTS}/{{place}}/run-{{run}}/best.csv",
        curves=f"{RESULTS}/{{place}}/run-{{run}}/curves.csv",
    log:
        f"{RESULTS}/logs/{{place}}/evaluate/run-{{run}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/{{place}}/evaluate/run-{{run}}.tsv"
    conda:
        ENVIRONMENT
    params:
        hydra=at("evaluate_told"),
        folder=subpath(output.best, parent=True),
        trunk=at("trunk_folder"),
        code=of_place("code", "evaluate"),
    message:
        "Evaluating {wildcards.place}, run {wildcards.run}"
    shell:
        'python "$CROSSBREED_SCRIPTS/evaluate.py" {params.hydra:q} threads={threads}'
        " examples={input.examples} folder={params.folder} trunk={params.trunk} networks={output.networks}"
        " best={output.best} curves={output.curves} > {log} 2>&1"


rule collect:
    input:
        lambda wildcards: [
            f"{RESULTS}/{wildcards.place}/run-{run}/{wildcards.table}.csv"
            for run in PLANS[wildcards.place].runs
        ],
    output:
        f"{RESULTS}/{{place}}/{{table}}.csv",
    log:
        f"{RESULTS}/logs/{{place}}/collect/{{table}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/{{place}}/collect/{{table}}.tsv"
    localrule: True
    conda:
        ENVIRONMENT
    params:
        code=PLAN.code("collect"),
        hydra=lambda wildcards, input: told(tables=list(input)),
    message:
        "Collecting {wildcards.table} of {wildcards.place}"
    shell:
        'python "$CROSSBREED_SCRIPTS/collect.py" {params.hydra:q} target={output} > {log} 2>&1'


rule compare:
    input:
        best=f"{RESULTS}/{{place}}/best.csv",
        networks=f"{RESULTS}/{{place}}/networks.csv",
        curves=f"{RESULTS}/{{place}}/curves.csv",
    output:
        outcomes=f"{RESULTS}/{{place}}/outcomes.csv",
        statistics=f"{RESULTS}/{{place}}/statistics.json",
        table=report(
            f"{RESULTS}/{{place}}/comparison.csv",
            caption="../report/comparison.rst",
            category="Crossover study",
            labels={"result": "Comparison of arms", "place": "{place}"},
        ),
        by_epoch=f"{RESULTS}/{{place}}/differences_by_epoch.csv",
        summary=f"{RESULTS}/{{place}}/summary.txt",
    log:
        f"{RESULTS}/logs/{{place}}/compare.log",
    benchmark:
        f"{RESULTS}/benchmarks/{{place}}/compare.tsv"
    conda:
        ENVIRONMENT
    params:
        hydra=of_place("compare_told"),
        code=of_place("code", "compare"),
    message:
        "Comparing the arms of {wildcards.place}"
    shell:
        'python "$CROSSBREED_SCRIPTS/compare.py" {params.hydra:q} best={input.best}'
        " networks={input.networks} curves={input.curves} outcomes={output.outcomes}"
        " target={output.statistics} table={output.table} by_epoch={output.by_epoch}"
        " summary={output.summary} > {log} 2>&1"


rule measure_cost:
    input:
        curves=f"{CROSSOVER}/curves.csv",
    output:
        times=f"{CROSSOVER}/target_times.csv",
        targets=f"{CROSSOVER}/targets.csv",
        cost=f"{CROSSOVER}/cost.csv",
    log:
        f"{RESULTS}/logs/crossover/measure_cost.log",
    benchmark:
        f"{RESULTS}/benchmarks/crossover/measure_cost.tsv"
    conda:
        ENVIRONMENT
    params:
        # A function: Snakemake takes braces in a text for wildcards.
        hydra=lambda wildcards: PLAN.measure_cost_told(),
        folder=f"{RESULTS}/benchmarks/crossover",
        code=PLAN.code("measure_cost"),
    message:
        "Measuring what arms cost and how fast they reach their targets"
    shell:
        'python "$CROSSBREED_SCRIPTS/measure_cost.py" {params.hydra:q} curves={input.curves}'
        " folder={params.folder} times={output.times} targets={output.targets}"
        " cost={output.cost} > {log} 2>&1"


rule measure_barrier:
    input:
        unpack(PLAN.barrier_input),
    output:
        f"{CROSSOVER}/run-{{run}}/barrier.csv",
    log:
        f"{RESULTS}/logs/crossover/measure_barrier/run-{{run}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/crossover/measure_barrier/run-{{run}}.tsv"
    conda:
        ENVIRONMENT
    resources:
        runtime=30,
    params:
        hydra=PLAN.barrier_told,
        # Whichever engine trained them: weights are the same to both.
        code=PLAN.code("measure_barrier", "torch"),
    message:
        "Measuring the loss between the parents of run {wildcards.run}"
    shell:
        'python "$CROSSBREED_SCRIPTS/measure_barrier.py" {params.hydra:q} threads={threads}'
        " examples={input.examples} source={input.source} parents={input.parents}"
        " target={output} > {log} 2>&1"


rule plot:
    input:
        curves=f"{CROSSOVER}/curves.csv",
        networks=f"{CROSSOVER}/networks.csv",
        outcomes=f"{CROSSOVER}/outcomes.csv",
        comparison=f"{CROSSOVER}/comparison.csv",
        times=f"{CROSSOVER}/target_times.csv",
        barrier=BARRIER,
    output:
        [
            report(
                f"{CROSSOVER}/{figure}.svg",
                caption=f"../report/{figure}.rst",
                category="Crossover study",
                labels={"result": label},
            )
            for figure, label in CROSSOVER_FIGURES.items()
        ],
        [f"{CROSSOVER}/{figure}.png" for figure in CROSSOVER_FIGURES],
    log:
        f"{RESULTS}/logs/crossover/plot.log",
    benchmark:
        f"{RESULTS}/benchmarks/crossover/plot.tsv"
    conda:
        ENVIRONMENT
    params:
        # A function: Snakemake takes braces in a text for wildcards.
        hydra=lambda wildcards: PLAN.plot_told(),
        barrier=BARRIER or "null",
        folder=subpath(output[0], parent=True),
        code=PLAN.code("plot"),
    message:
        "Drawing the crossover study"
    shell:
        'python "$CROSSBREED_SCRIPTS/plot.py" {params.hydra:q} curves={input.curves}'
        " networks={input.networks} outcomes={input.outcomes} comparison={input.comparison}"
        " times={input.times} barrier={params.barrier} folder={params.folder} > {log} 2>&1"
