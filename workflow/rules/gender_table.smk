# A table of trained architectures, in which the gender study's searches look trainings up.
# These must follow one another; the crossover study's many jobs fill the cores beside them.
TABLE_FIRST = 1


rule table:
    input:
        f"{GENDER.folder}/table.csv.gz",


use rule base_job as train_cells with:
    input:
        **GENDER.train_cells_input(),
    output:
        rows=f"{GENDER.folder}/table/seed-{{seed}}/cells-{{batch}}.csv",
    log:
        f"{LOGS}/train_cells/seed-{{seed}}.cells-{{batch}}.log",
    priority: TABLE_FIRST
    resources:
        **TRAINING,
    params:
        **params_of(
            GENDER.train_cells,
            expected=GENDER.cells_seconds,
            save_every=STUDY.save_every,
            store=f"{GENDER.folder}/trained",
        ),
    message:
        "Training cells of the table, seed {wildcards.seed}, batch {wildcards.batch}"


use rule base_job as gather_table with:
    input:
        GENDER.cell_rows(),
    output:
        table=f"{GENDER.folder}/table.csv.gz",
    log:
        f"{LOGS}/gather_table.log",
    priority: TABLE_FIRST
    localrule: True
    params:
        **params_of(lambda w: GENDER.gather_table()),
    message:
        "Gathering the table"


use rule base_job as replay with:
    input:
        table=f"{GENDER.folder}/table.csv.gz",
    output:
        individuals=f"{GENDER.folder}/individuals.csv",
        results=f"{GENDER.folder}/finals.csv",
        curves=f"{GENDER.folder}/learning_curves.csv",
    log:
        f"{LOGS}/replay.log",
    priority: TABLE_FIRST
    resources:
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        **params_of(lambda w: GENDER.replay(), expected=lambda w: GENDER.replay_seconds()),
    message:
        "Searching in the table"


use rule base_job as evaluate_table with:
    input:
        table=f"{GENDER.folder}/table.csv.gz",
        individuals=f"{GENDER.folder}/individuals.csv",
    output:
        evidence=f"{GENDER.folder}/evidence.csv",
        predictors=f"{GENDER.folder}/predictors.csv",
        by_share=f"{GENDER.folder}/by_share.csv",
    log:
        f"{LOGS}/evaluate_table.log",
    priority: TABLE_FIRST
    resources:
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        **params_of(
            lambda w: GENDER.evaluate_table(), expected=lambda w: GENDER.evaluation_seconds()
        ),
    message:
        "Testing early speed and predictors over the table"
