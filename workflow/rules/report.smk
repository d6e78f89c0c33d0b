# What the study was made with, and the page that shows it all.
CAPTIONS = sorted(str(path) for path in (ROOT / "workflow" / "report").glob("*.rst"))
# Of each study: what is reported, where its numbers are, where its data came from.
REPORTED = {"crossover": CROSSOVER_RESULTS, "gender": GENDER_RESULTS}
NUMBERS = {
    "crossover": [f"{CROSSOVER}/curves.csv", f"{CROSSOVER}/best.csv"],
    "gender": [f"{GENDER}/individuals.csv", f"{GENDER}/finals.csv"],
}
ORIGINS = {"crossover": f"{RAW}/origins.json", "gender": f"{GENDER_PLAN.raw}/origins.json"}
SUMMARIES = {"crossover": SUMMARY, "gender": GENDER_SUMMARY}
STUDIES = PLAN.study.studies


rule provenance:
    input:
        results=[file for study in STUDIES for file in NUMBERS[study]],
        origins=[ORIGINS[study] for study in STUDIES],
    output:
        config=report(
            f"{RESULTS}/config.yaml",
            caption="../report/config.rst",
            category="Provenance",
            labels={"result": "Configuration"},
        ),
        provenance=report(
            f"{RESULTS}/provenance.json",
            caption="../report/provenance.rst",
            category="Provenance",
            labels={"result": "Code, packages, machine, data"},
        ),
    log:
        f"{RESULTS}/logs/provenance.log",
    benchmark:
        f"{RESULTS}/benchmarks/provenance.tsv"
    conda:
        ENVIRONMENT
    threads: PLAN.threads("provenance")
    resources:
        **PLAN.resources("provenance"),
    params:
        # A function: Snakemake takes braces in a text for wildcards. Not of the input: what is made
        # from that is not compared with the time before.
        hydra=lambda wildcards: PLAN.provenance_told(ORIGINS[study] for study in STUDIES),
        code=PLAN.code("provenance"),
    message:
        "Writing down code, packages, machine and data"
    shell:
        'python "$SCRIPTS/provenance.py" {params.hydra:q} "$REPOSITORY"'
        " configuration={output.config} target={output.provenance} > {log} 2>&1"


rule report:
    input:
        results=[file for study in STUDIES for file in REPORTED[study]],
        provenance=f"{RESULTS}/provenance.json",
        config=f"{RESULTS}/config.yaml",
        captions=CAPTIONS,
    output:
        f"{RESULTS}/report.html",
    log:
        f"{RESULTS}/logs/report.log",
    benchmark:
        f"{RESULTS}/benchmarks/report.tsv"
    localrule: True
    conda:
        ENVIRONMENT
    threads: PLAN.threads("report")
    resources:
        **PLAN.resources("report"),
    params:
        snakefile=str(ROOT / "Snakefile"),
        unfinished=f"{RESULTS}/.report.html",
    message:
        "Writing the report"
    # Snakemake makes its report in a call of its own, here over all rules but this one.
    shell:
        "snakemake --snakefile {params.snakefile:q} --configfile {input.config} --nolock --quiet"
        " --report {params.unfinished} -- {input.results} {input.provenance} > {log} 2>&1"
        " && mv {params.unfinished} {output}"
