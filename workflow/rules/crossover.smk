# The crossover study: trunk, events, training to the end, evaluation, comparison.
SEGMENT = f"{RESULTS}/{{experiment}}/run-{{run}}/{{lineage}}/epoch-{{epoch}}"
SEGMENT_LOG = "run-{run}.{lineage}.epoch-{epoch}.log"
BARRIER = f"{CROSSOVER.folder}/barrier.csv" if CROSSOVER.measures_barrier() else []
CROSSOVER_TABLES = [
    "curves",
    "best",
    "networks",
    "outcomes",
    "differences_by_epoch",
    "target_times",
]


rule crossover:
    input:
        CROSSOVER.populations(),
        BARRIER,
        f"{CROSSOVER.folder}/statistics.json",
        f"{CROSSOVER.folder}/summary.txt",
        [f"{CROSSOVER.folder}/{table}.csv" for table in (*CROSSOVER_TABLES, *CROSSOVER.tables)],
        [
            f"{CROSSOVER.folder}/{figure}.{suffix}"
            for figure in CROSSOVER.figures
            for suffix in ("svg", "png")
        ],


use rule base_job as train with:
    input:
        unpack(lambda w: plan(w).train_input(w)),
    output:
        target=f"{SEGMENT}/{POPULATION_FILE}",
        curve=f"{SEGMENT}/curve.csv",
        seconds=f"{SEGMENT}/{TRAINING_SECONDS}",
    log:
        f"{LOGS}/{{experiment}}/train/{SEGMENT_LOG}",
    resources:
        **TRAINING,
    params:
        **params_of(
            lambda w: plan(w).train(w),
            expected=lambda w: plan(w).training_seconds(w),
            save_every=STUDY.save_every,
        ),
    message:
        "Training {wildcards.experiment}, run {wildcards.run}, {wildcards.lineage}, to epoch {wildcards.epoch}"


use rule base_job as breed with:
    input:
        unpack(lambda w: plan(w).breed_input(w)),
    output:
        target=f"{SEGMENT}/{OFFSPRING_FILE}",
        parents=f"{SEGMENT}/parents.json",
        seconds=f"{SEGMENT}/{BREEDING_SECONDS}",
    log:
        f"{LOGS}/{{experiment}}/breed/{SEGMENT_LOG}",
    localrule: True
    params:
        **params_of(lambda w: plan(w).breed(w)),
    message:
        "Breeding {wildcards.experiment}, run {wildcards.run}, {wildcards.lineage}, at epoch {wildcards.epoch}"


use rule base_job as evaluate with:
    input:
        lambda w: plan(w).evaluate_input(w),
        examples=lambda w: plan(w).examples,
    output:
        networks=f"{RESULTS}/{{experiment}}/run-{{run}}/networks.csv",
        best=f"{RESULTS}/{{experiment}}/run-{{run}}/best.csv",
        curves=f"{RESULTS}/{{experiment}}/run-{{run}}/curves.csv",
    log:
        f"{LOGS}/{{experiment}}/evaluate/run-{{run}}.log",
    params:
        **params_of(
            lambda w: plan(w).evaluate(w),
            expected=1.5,
            trunk=lambda w: plan(w).trunk_folder(w),
        ),
    message:
        "Evaluating {wildcards.experiment}, run {wildcards.run}"


use rule base_job as collect with:
    input:
        tables=lambda w: [f"{plan(w).folder}/run-{run}/{w.table}.csv" for run in plan(w).runs],
    output:
        target=f"{RESULTS}/{{experiment}}/{{table}}.csv",
    log:
        f"{LOGS}/{{experiment}}/collect/{{table}}.log",
    localrule: True
    params:
        **params_of(lambda w: plan(w).collect()),
    message:
        "Collecting {wildcards.table} of {wildcards.experiment}"


use rule base_job as compare with:
    input:
        best=f"{RESULTS}/{{experiment}}/best.csv",
        networks=f"{RESULTS}/{{experiment}}/networks.csv",
        curves=f"{RESULTS}/{{experiment}}/curves.csv",
    output:
        outcomes=f"{RESULTS}/{{experiment}}/outcomes.csv",
        target=f"{RESULTS}/{{experiment}}/statistics.json",
        table=report(
            f"{RESULTS}/{{experiment}}/comparison.csv",
            caption="../report/comparison.rst",
            category="Crossover study",
            labels={"result": "Comparison of arms", "experiment": "{experiment}"},
        ),
        by_epoch=f"{RESULTS}/{{experiment}}/differences_by_epoch.csv",
        summary=f"{RESULTS}/{{experiment}}/summary.txt",
    log:
        f"{LOGS}/{{experiment}}/compare.log",
    params:
        **params_of(lambda w: plan(w).compare()),
    message:
        "Comparing the arms of {wildcards.experiment}"


use rule base_job as measure_cost with:
    input:
        curves=f"{CROSSOVER.folder}/curves.csv",
    output:
        times=f"{CROSSOVER.folder}/target_times.csv",
        targets=f"{CROSSOVER.folder}/targets.csv",
        cost=f"{CROSSOVER.folder}/cost.csv",
    log:
        f"{LOGS}/crossover/measure_cost.log",
    params:
        **params_of(lambda w: CROSSOVER.measure_cost()),
    message:
        "Measuring what arms cost and how fast they reach their targets"


use rule base_job as measure_barrier with:
    input:
        unpack(CROSSOVER.barrier_input),
    output:
        target=f"{CROSSOVER.folder}/run-{{run}}/barrier.csv",
    log:
        f"{LOGS}/crossover/measure_barrier/run-{{run}}.log",
    resources:
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        **params_of(CROSSOVER.measure_barrier, expected=3),
    message:
        "Measuring the loss between the parents of run {wildcards.run}"


use rule base_job as plot with:
    input:
        curves=f"{CROSSOVER.folder}/curves.csv",
        networks=f"{CROSSOVER.folder}/networks.csv",
        outcomes=f"{CROSSOVER.folder}/outcomes.csv",
        comparison=f"{CROSSOVER.folder}/comparison.csv",
        times=f"{CROSSOVER.folder}/target_times.csv",
        barrier=BARRIER,
    output:
        [
            report(
                f"{CROSSOVER.folder}/{figure}.svg",
                caption=f"../report/{figure}.rst",
                category="Crossover study",
                labels={"result": title},
            )
            for figure, title in CROSSOVER.figures.items()
        ],
        [f"{CROSSOVER.folder}/{figure}.png" for figure in CROSSOVER.figures],
    log:
        f"{LOGS}/crossover/plot.log",
    params:
        **params_of(lambda w: CROSSOVER.plot(), expected=4, folder=CROSSOVER.folder),
    message:
        "Drawing the crossover study"
