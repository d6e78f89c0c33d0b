# The gender study: what its searches, live or on a table, have come to.
GENDER_TABLES = ["predictors", "individuals", "finals", "learning_curves"]


rule gender:
    input:
        f"{GENDER.folder}/summary.txt",
        [f"{GENDER.folder}/{table}.csv" for table in (*GENDER_TABLES, *GENDER.tables)],
        [
            f"{GENDER.folder}/{figure}.{suffix}"
            for figure in GENDER.figures
            for suffix in ("svg", "png")
        ],


use rule base_job as tabulate_modes with:
    input:
        **GENDER.trained_table(),
        **GENDER.by_share(),
        individuals=f"{GENDER.folder}/individuals.csv",
        finals=f"{GENDER.folder}/finals.csv",
        evidence=f"{GENDER.folder}/evidence.csv",
        predictors=f"{GENDER.folder}/predictors.csv",
    output:
        table=report(
            f"{GENDER.folder}/table.csv",
            caption="../report/gender_table.rst",
            category="Gender study",
            labels={"result": GENDER.tables["table"]},
        ),
        differences=f"{GENDER.folder}/differences.csv",
        published=f"{GENDER.folder}/published.csv",
        winners=f"{GENDER.folder}/winners.csv",
        summary=f"{GENDER.folder}/summary.txt",
    log:
        f"{LOGS}/tabulate_modes.log",
    params:
        **params_of(lambda w: GENDER.tabulate_modes(), expected=GENDER.comparison_seconds()),
    message:
        "Comparing the modes"


use rule base_job as plot_gender with:
    input:
        **GENDER.by_share(),
        individuals=f"{GENDER.folder}/individuals.csv",
        finals=f"{GENDER.folder}/finals.csv",
        curves=f"{GENDER.folder}/learning_curves.csv",
        predictors=f"{GENDER.folder}/predictors.csv",
    output:
        [
            report(
                f"{GENDER.folder}/{figure}.svg",
                caption=f"../report/gender_{figure}.rst",
                category="Gender study",
                labels={"result": title},
            )
            for figure, title in GENDER.figures.items()
        ],
        [f"{GENDER.folder}/{figure}.png" for figure in GENDER.figures],
    log:
        f"{LOGS}/plot_gender.log",
    params:
        **params_of(
            lambda w: GENDER.plot_gender(), expected=GENDER.drawing_seconds(), folder=GENDER.folder
        ),
    message:
        "Drawing the gender study"
