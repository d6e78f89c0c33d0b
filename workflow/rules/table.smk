# A table of trained architectures, in which the gender study's searches look trainings up.


rule table:
    input:
        f"{GENDER.folder}/table.csv.gz",


use rule base_job as train_cells with:
    input:
        unpack(GENDER.train_cells_input),
    output:
        rows=f"{GENDER.folder}/table/seed-{{seed}}/cells-{{batch}}.csv",
    log:
        f"{LOGS}/train_cells/seed-{{seed}}.cells-{{batch}}.log",
    resources:
        **TRAINING,
    params:
        **params_of(
            GENDER.train_cells,
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
    localrule: True
    params:
        **params_of(lambda w: GENDER.gather_table()),
    message:
        "Gathering the table"
