# Searches that train for themselves: first generation, further generations, winners.
GENERATION = f"{GENDER.folder}/seed-{{seed}}/{{mode}}/generation-{{generation}}"
GENERATION_LOG = "seed-{seed}.{mode}.generation-{generation}"
FINAL = f"{GENDER.folder}/final/{{mode}}/seed-{{seed}}-{{repeat}}"


use rule base_job as init_population with:
    output:
        target=f"{GENDER.folder}/seed-{{seed}}/{{mode}}/generation-0/{INDIVIDUALS}",
    log:
        f"{LOGS}/init_population/seed-{{seed}}.{{mode}}.log",
    localrule: True
    params:
        **params_of(GENDER.init_population),
    message:
        "Drawing the first generation of seed {wildcards.seed}, {wildcards.mode}"


use rule base_job as next_generation with:
    input:
        GENDER.next_generation_input,
    output:
        target=f"{GENERATION}/{INDIVIDUALS}",
    log:
        f"{LOGS}/next_generation/{GENERATION_LOG}.log",
    wildcard_constraints:
        # The first generation has no parents, and all of it is trained to the end.
        generation=r"[1-9]\d*",
    localrule: True
    params:
        **params_of(GENDER.next_generation),
    message:
        "Mating seed {wildcards.seed}, {wildcards.mode}, into generation {wildcards.generation}"


use rule base_job as train_individuals with:
    input:
        unpack(GENDER.train_individuals_input),
    output:
        trials=f"{GENERATION}/{{stage}}-{{batch}}.json",
        seconds=f"{GENERATION}/{{stage}}-{{batch}}.seconds.json",
    log:
        f"{LOGS}/train_individuals/{GENERATION_LOG}.{{stage}}-{{batch}}.log",
    resources:
        **TRAINING,
    params:
        **params_of(
            GENDER.train_individuals,
            expected=GENDER.individuals_seconds,
            save_every=STUDY.save_every,
            store=f"{GENDER.folder}/trained",
        ),
    message:
        "Training seed {wildcards.seed}, {wildcards.mode}, generation {wildcards.generation}, {wildcards.stage}"


use rule base_job as select_survivors with:
    input:
        GENDER.select_survivors_input,
    output:
        target=f"{GENERATION}/{CHOSEN}",
    log:
        f"{LOGS}/select_survivors/{GENERATION_LOG}.log",
    wildcard_constraints:
        generation=r"[1-9]\d*",
    localrule: True
    params:
        **params_of(GENDER.select_survivors),
    message:
        "Selecting of seed {wildcards.seed}, {wildcards.mode}, generation {wildcards.generation}"


use rule base_job as pick_winner with:
    input:
        GENDER.pick_winner_input,
    output:
        target=f"{GENDER.folder}/seed-{{seed}}/{{mode}}/winner.yaml",
    log:
        f"{LOGS}/pick_winner/seed-{{seed}}.{{mode}}.log",
    localrule: True
    params:
        **params_of(GENDER.pick_winner),
    message:
        "Naming the winner of seed {wildcards.seed}, {wildcards.mode}"


use rule base_job as train_winner with:
    input:
        text=GENDER.text,
        winner=f"{GENDER.folder}/seed-{{seed}}/{{mode}}/winner.yaml",
    output:
        result=f"{FINAL}/result.json",
        speed=f"{FINAL}/speed.json",
        curve=f"{FINAL}/curve.csv",
        network=f"{FINAL}/network.safetensors",
    log:
        f"{LOGS}/train_winner/seed-{{seed}}-{{repeat}}.{{mode}}.log",
    resources:
        **TRAINING,
    params:
        **params_of(
            GENDER.train_winner,
            expected=lambda w: GENDER.winner_seconds(),
            save_every=STUDY.save_every,
        ),
    message:
        "Training the winner of seed {wildcards.seed}, {wildcards.mode}, anew"


use rule base_job as gather with:
    input:
        GENDER.searched(),
        [
            file
            for name in ("result.json", "speed.json", "curve.csv")
            for file in GENDER.finals(name)
        ],
    output:
        individuals=f"{GENDER.folder}/individuals.csv",
        results=f"{GENDER.folder}/finals.csv",
        curves=f"{GENDER.folder}/learning_curves.csv",
    log:
        f"{LOGS}/gather.log",
    params:
        **params_of(lambda w: GENDER.gather()),
    message:
        "Gathering all individuals and winners"


use rule base_job as evaluate_predictors with:
    input:
        GENDER.searched(),
    output:
        evidence=f"{GENDER.folder}/evidence.csv",
        predictors=f"{GENDER.folder}/predictors.csv",
    log:
        f"{LOGS}/evaluate_predictors.log",
    resources:
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        **params_of(lambda w: GENDER.evaluate_predictors(), expected=10),
    message:
        "Testing early speed and predictors"
