# The gender study: founders, generations, winners, and what they show.
GENDER = GENDER_PLAN.folder
PLACE_OF_GENERATION = "seed-{seed}.{mode}.generation-{generation}"
GENERATION = f"{GENDER}/seed-{{seed}}/{{mode}}/generation-{{generation}}"
FINAL = f"{GENDER}/final/{{mode}}/seed-{{seed}}-{{repeat}}"
GENDER_SUMMARY = f"{GENDER}/summary.txt"
GENDER_STUDY = "Gender study"  # in the report
GENDER_FIGURES = {
    "training_loss": "Training loss of the winners",
    "validation_loss": "Validation loss of the winners",
    "fitness": "Fitness over the generations",
    "predictions": "Foretold against final loss",
    "family_tree": "Family tree of a winner",
    "search_cost": "Quality against cost",
}
GENDER_RESULTS = [
    *(f"{GENDER}/{name}.csv" for name in ("table", "winners", "differences", "published")),
    *(f"{GENDER}/{name}.csv" for name in ("evidence", "predictors")),
    *(f"{GENDER}/{name}.csv" for name in ("individuals", "finals", "learning_curves")),
    *(f"{GENDER}/{figure}.{kind}" for figure in GENDER_FIGURES for kind in ("svg", "png")),
    GENDER_SUMMARY,
]


wildcard_constraints:
    seed=r"\d+",
    generation=r"\d+",
    batch=r"\d+",
    repeat=r"\d+",
    mode=r"[a-z][a-z0-9_]*",
    stage="early|finished",


rule gender:
    input:
        GENDER_RESULTS,


rule found:
    input:
        [],
    output:
        f"{GENDER}/seed-{{seed}}/founders/generation-0/individuals.yaml",
    log:
        f"{RESULTS}/logs/found/seed-{{seed}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/found/seed-{{seed}}.tsv"
    localrule: True
    conda:
        ENVIRONMENT
    params:
        hydra=GENDER_PLAN.found_told,
        code=PLAN.code("found", "torch"),
    message:
        "Drawing the founders of seed {wildcards.seed}"
    shell:
        'python "$CROSSBREED_SCRIPTS/found.py" {params.hydra:q} target={output} > {log} 2>&1'


rule mate:
    input:
        GENDER_PLAN.mate_input,
    output:
        f"{GENERATION}/individuals.yaml",
    log:
        f"{RESULTS}/logs/mate/{PLACE_OF_GENERATION}.log",
    benchmark:
        f"{RESULTS}/benchmarks/mate/{PLACE_OF_GENERATION}.tsv"
    wildcard_constraints:
        # The founders have no parents, and all of them are trained to the end.
        generation=r"[1-9]\d*",
    localrule: True
    conda:
        ENVIRONMENT
    params:
        hydra=GENDER_PLAN.mate_told,
        code=PLAN.code("mate", "torch"),
    message:
        "Mating seed {wildcards.seed}, {wildcards.mode}, into generation {wildcards.generation}"
    shell:
        'python "$CROSSBREED_SCRIPTS/mate.py" {params.hydra:q} target={output} > {log} 2>&1'


rule train_individuals:
    input:
        unpack(GENDER_PLAN.train_individuals_input),
    output:
        trials=f"{GENERATION}/{{stage}}-{{batch}}.json",
        seconds=f"{GENERATION}/{{stage}}-{{batch}}.seconds.json",
    log:
        f"{RESULTS}/logs/train_individuals/{PLACE_OF_GENERATION}.{{stage}}-{{batch}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/train_individuals/{PLACE_OF_GENERATION}.{{stage}}-{{batch}}.tsv"
    conda:
        ENVIRONMENT
    resources:
        **TRAINING,
    params:
        hydra=GENDER_PLAN.train_individuals_told,
        code=PLAN.code("train_individuals", "torch"),
        chosen=lambda wildcards, input: input.get("chosen", "null"),
        store=f"{GENDER}/trained",
    message:
        "Training seed {wildcards.seed}, {wildcards.mode}, generation {wildcards.generation}, {wildcards.stage}"
    shell:
        'python "$CROSSBREED_SCRIPTS/train_individuals.py" {params.hydra:q} "$CROSSBREED_SAVE_EVERY" threads={threads}'
        " text={input.text} individuals={input.individuals} chosen={params.chosen}"
        " store={params.store} trials={output.trials} seconds={output.seconds} > {log} 2>&1"


rule choose:
    input:
        GENDER_PLAN.choose_input,
    output:
        f"{GENERATION}/chosen.yaml",
    log:
        f"{RESULTS}/logs/choose/{PLACE_OF_GENERATION}.log",
    benchmark:
        f"{RESULTS}/benchmarks/choose/{PLACE_OF_GENERATION}.tsv"
    wildcard_constraints:
        # The founders have no parents, and all of them are trained to the end.
        generation=r"[1-9]\d*",
    localrule: True
    conda:
        ENVIRONMENT
    params:
        hydra=GENDER_PLAN.choose_told,
        code=PLAN.code("choose", "torch"),
    message:
        "Choosing of seed {wildcards.seed}, {wildcards.mode}, generation {wildcards.generation}"
    shell:
        'python "$CROSSBREED_SCRIPTS/choose.py" {params.hydra:q} target={output} > {log} 2>&1'


rule pick_winner:
    input:
        GENDER_PLAN.pick_winner_input,
    output:
        f"{GENDER}/seed-{{seed}}/{{mode}}/winner.yaml",
    log:
        f"{RESULTS}/logs/pick_winner/seed-{{seed}}.{{mode}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/pick_winner/seed-{{seed}}.{{mode}}.tsv"
    localrule: True
    conda:
        ENVIRONMENT
    params:
        hydra=GENDER_PLAN.pick_winner_told,
        code=PLAN.code("pick_winner", "torch"),
    message:
        "Naming the winner of seed {wildcards.seed}, {wildcards.mode}"
    shell:
        'python "$CROSSBREED_SCRIPTS/pick_winner.py" {params.hydra:q} target={output} > {log} 2>&1'


rule train_winner:
    input:
        text=GENDER_PLAN.text,
        winner=f"{GENDER}/seed-{{seed}}/{{mode}}/winner.yaml",
    output:
        result=f"{FINAL}/result.json",
        speed=f"{FINAL}/speed.json",
        curve=f"{FINAL}/curve.csv",
        network=f"{FINAL}/network.safetensors",
    log:
        f"{RESULTS}/logs/train_winner/seed-{{seed}}-{{repeat}}.{{mode}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/train_winner/seed-{{seed}}-{{repeat}}.{{mode}}.tsv"
    conda:
        ENVIRONMENT
    resources:
        **TRAINING,
    params:
        hydra=GENDER_PLAN.train_winner_told,
        code=PLAN.code("train_winner", "torch"),
    message:
        "Training the winner of seed {wildcards.seed}, {wildcards.mode}, anew"
    shell:
        'python "$CROSSBREED_SCRIPTS/train_winner.py" {params.hydra:q} "$CROSSBREED_SAVE_EVERY" threads={threads}'
        " text={input.text} winner={input.winner} result={output.result} speed={output.speed}"
        " curve={output.curve} network={output.network} > {log} 2>&1"


rule gather:
    input:
        searches=GENDER_PLAN.searched(),
        finals=[
            *GENDER_PLAN.finals("result.json"),
            *GENDER_PLAN.finals("speed.json"),
            *GENDER_PLAN.finals("curve.csv"),
        ],
    output:
        individuals=f"{GENDER}/individuals.csv",
        results=f"{GENDER}/finals.csv",
        curves=f"{GENDER}/learning_curves.csv",
    log:
        f"{RESULTS}/logs/gather.log",
    benchmark:
        f"{RESULTS}/benchmarks/gather.tsv"
    conda:
        ENVIRONMENT
    params:
        # A function: Snakemake takes braces in a text for wildcards.
        hydra=lambda wildcards: GENDER_PLAN.gather_told(),
        code=PLAN.code("gather", "torch"),
    message:
        "Gathering all individuals and winners"
    shell:
        'python "$CROSSBREED_SCRIPTS/gather.py" {params.hydra:q} individuals={output.individuals}'
        " results={output.results} curves={output.curves} > {log} 2>&1"


rule weigh_evidence:
    input:
        GENDER_PLAN.searched(),
    output:
        evidence=f"{GENDER}/evidence.csv",
        predictors=f"{GENDER}/predictors.csv",
    log:
        f"{RESULTS}/logs/weigh_evidence.log",
    benchmark:
        f"{RESULTS}/benchmarks/weigh_evidence.tsv"
    conda:
        ENVIRONMENT
    resources:
        runtime=30,
    params:
        hydra=lambda wildcards: GENDER_PLAN.weigh_evidence_told(),
        code=PLAN.code("weigh_evidence", "torch"),
    message:
        "Weighing the evidence for both assumptions"
    shell:
        'python "$CROSSBREED_SCRIPTS/weigh_evidence.py" {params.hydra:q} evidence={output.evidence}'
        " predictors={output.predictors} > {log} 2>&1"


rule tabulate:
    input:
        individuals=f"{GENDER}/individuals.csv",
        finals=f"{GENDER}/finals.csv",
        evidence=f"{GENDER}/evidence.csv",
        predictors=f"{GENDER}/predictors.csv",
    output:
        table=report(
            f"{GENDER}/table.csv",
            caption="../report/gender_table.rst",
            category=GENDER_STUDY,
            labels={"result": "Winners of each mode"},
        ),
        differences=f"{GENDER}/differences.csv",
        published=f"{GENDER}/published.csv",
        winners=f"{GENDER}/winners.csv",
        summary=GENDER_SUMMARY,
    log:
        f"{RESULTS}/logs/tabulate.log",
    benchmark:
        f"{RESULTS}/benchmarks/tabulate.tsv"
    conda:
        ENVIRONMENT
    params:
        hydra=lambda wildcards: GENDER_PLAN.tabulate_told(),
        code=PLAN.code("tabulate_modes", "torch"),
    message:
        "Comparing the modes"
    shell:
        'python "$CROSSBREED_SCRIPTS/tabulate_modes.py" {params.hydra:q} individuals={input.individuals}'
        " finals={input.finals} evidence={input.evidence} predictors={input.predictors}"
        " table={output.table} differences={output.differences} published={output.published}"
        " winners={output.winners} summary={output.summary} > {log} 2>&1"


rule plot_gender:
    input:
        individuals=f"{GENDER}/individuals.csv",
        finals=f"{GENDER}/finals.csv",
        curves=f"{GENDER}/learning_curves.csv",
        predictors=f"{GENDER}/predictors.csv",
    output:
        [
            report(
                f"{GENDER}/{figure}.svg",
                caption=f"../report/gender_{figure}.rst",
                category=GENDER_STUDY,
                labels={"result": label},
            )
            for figure, label in GENDER_FIGURES.items()
        ],
        [f"{GENDER}/{figure}.png" for figure in GENDER_FIGURES],
    log:
        f"{RESULTS}/logs/plot_gender.log",
    benchmark:
        f"{RESULTS}/benchmarks/plot_gender.tsv"
    conda:
        ENVIRONMENT
    params:
        hydra=lambda wildcards: GENDER_PLAN.plot_told(),
        folder=subpath(output[0], parent=True),
        code=PLAN.code("plot_gender", "torch"),
    message:
        "Drawing the gender study"
    shell:
        'python "$CROSSBREED_SCRIPTS/plot_gender.py" {params.hydra:q} individuals={input.individuals}'
        " finals={input.finals} curves={input.curves} predictors={input.predictors}"
        " folder={params.folder} > {log} 2>&1"
