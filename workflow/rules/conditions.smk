# The crossover study under other conditions: where does breeding help, where does it hurt?


rule conditions:
    input:
        f"{CONDITIONS.folder}/conditions.csv",
        f"{CONDITIONS.folder}/map.svg",
        f"{CONDITIONS.folder}/map.png",
        f"{CONDITIONS.folder}/summary.txt",
        # So that a deleted one is made again.
        [PLANS[name].populations() for name in EXPERIMENTS if name != "crossover"],


use rule base_job as map_conditions with:
    input:
        comparisons_by_condition,
    output:
        table=f"{CONDITIONS.folder}/conditions.csv",
        figures=[
            report(
                f"{CONDITIONS.folder}/map.svg",
                caption="../report/conditions_map.rst",
                category="Conditions",
                labels={"result": CONDITIONS.figures["map"]},
            ),
            f"{CONDITIONS.folder}/map.png",
        ],
        summary=f"{CONDITIONS.folder}/summary.txt",
    log:
        f"{LOGS}/map_conditions.log",
    params:
        **params_of(lambda w: CONDITIONS.map_conditions()),
    message:
        "Mapping the conditions"
