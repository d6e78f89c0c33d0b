# The crossover study under other conditions: where does breeding help, where does it hurt?
CONDITIONS = f"{RESULTS}/conditions"
CONDITION_PLANS = {place: PLANS[place] for place in PLACES if place != CROSSOVER_PLACE}
CONDITIONS_RESULTS = [
    f"{CONDITIONS}/conditions.csv",
    f"{CONDITIONS}/map.svg",
    f"{CONDITIONS}/map.png",
    f"{CONDITIONS}/summary.txt",
]


# So that a deleted one is made again.
CONDITION_POPULATIONS = [file for plan in CONDITION_PLANS.values() for file in plan.populations()]


rule conditions:
    input:
        CONDITIONS_RESULTS,
        CONDITION_POPULATIONS,


rule map_conditions:
    input:
        comparisons_by_condition,
    output:
        table=f"{CONDITIONS}/conditions.csv",
        svg=report(
            f"{CONDITIONS}/map.svg",
            caption="../report/conditions_map.rst",
            category="Conditions",
            labels={"result": "Where breeding helps and where it hurts"},
        ),
        png=f"{CONDITIONS}/map.png",
        summary=f"{CONDITIONS}/summary.txt",
    log:
        f"{RESULTS}/logs/map_conditions.log",
    benchmark:
        f"{RESULTS}/benchmarks/map_conditions.tsv"
    conda:
        ENVIRONMENT
    params:
        # A function: Snakemake takes braces in a text for wildcards.
        hydra=lambda wildcards: PLAN.map_conditions_told(CONDITION_PLANS),
        code=PLAN.code("map_conditions"),
    message:
        "Mapping the conditions"
    shell:
        'python "$CROSSBREED_SCRIPTS/map_conditions.py" {params.hydra:q} table={output.table}'
        " 'figures=[{output.svg},{output.png}]' summary={output.summary} > {log} 2>&1"
