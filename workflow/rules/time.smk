# How long jobs take: measured where they will run, planned before they do.
SPEED = f"{GENDER}/speed.json" if "gender" in STUDIES else None
TIMED = [
    plan
    for place, plan in PLANS.items()
    if ("crossover" if place == CROSSOVER_PLACE else "conditions") in STUDIES
]
# As training itself asks for, but for less time.
PROBE = {"runtime": min(20, STUDY.time_plan.longest_minutes or 20)}


rule time_plan:
    input:
        f"{RESULTS}/time_plan.yaml",


rule measure_speed:
    input:
        examples=lambda wildcards: PLANS[wildcards.place].examples,
    output:
        f"{RESULTS}/{{place}}/speed.json",
    log:
        f"{RESULTS}/logs/{{place}}/measure_speed.log",
    benchmark:
        f"{RESULTS}/benchmarks/{{place}}/measure_speed.tsv"
    localrule: PLAN.local("train")
    conda:
        ENVIRONMENT
    threads: PLAN.threads("train")
    resources:
        **(PLAN.resources("train") | PROBE),
    params:
        hydra=of_place("measure_speed_told"),
        code=of_place("code", "measure_speed"),
    message:
        "Measuring how fast {wildcards.place} trains"
    shell:
        'python "$SCRIPTS/measure_speed.py" {params.hydra:q} threads={threads}'
        " examples={input.examples} target={output} > {log} 2>&1"


rule measure_language_speed:
    input:
        text=GENDER_PLAN.text,
    output:
        f"{GENDER}/speed.json",
    log:
        f"{RESULTS}/logs/measure_language_speed.log",
    benchmark:
        f"{RESULTS}/benchmarks/measure_language_speed.tsv"
    localrule: PLAN.local("train_winner")
    conda:
        ENVIRONMENT
    threads: PLAN.threads("train_winner")
    resources:
        **(PLAN.resources("train_winner") | PROBE),
    params:
        # A function: Snakemake takes braces in a text for wildcards.
        hydra=lambda wildcards: GENDER_PLAN.measure_speed_told(),
        code=PLAN.code("measure_language_speed", "torch"),
    message:
        "Measuring how fast language models train"
    shell:
        'python "$SCRIPTS/measure_language_speed.py" {params.hydra:q} threads={threads}'
        " text={input.text} target={output} > {log} 2>&1"


rule plan_time:
    input:
        places=[f"{plan.folder}/speed.json" for plan in TIMED],
        language=SPEED or [],
    output:
        f"{RESULTS}/time_plan.yaml",
    log:
        f"{RESULTS}/logs/plan_time.log",
    benchmark:
        f"{RESULTS}/benchmarks/plan_time.tsv"
    localrule: PLAN.local("plan_time")
    conda:
        ENVIRONMENT
    threads: PLAN.threads("plan_time")
    resources:
        **PLAN.resources("plan_time"),
    params:
        # A function: Snakemake takes braces in a text for wildcards.
        hydra=lambda wildcards: plan_time_told(STUDY, TIMED, SPEED),
        code=PLAN.code("plan_time"),
    message:
        "Planning how long jobs take"
    # To the terminal too: it is what was asked for.
    shell:
        'python "$SCRIPTS/plan_time.py" {params.hydra:q} target={output} 2>&1 | tee {log}'
