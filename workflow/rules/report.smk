# What the study was made with, and the page that shows it all.
REPOSITORY = shlex.quote(override("repository", str(ROOT)))
SNAKEFILE = shlex.quote(str(ROOT / "Snakefile"))
CAPTIONS = sorted(str(path) for path in (ROOT / "workflow" / "report").glob("*.rst"))
RESULT_FILES = [
    f"{CROSSOVER}/learning_curves.svg",
    f"{CROSSOVER}/learning_curves.png",
    f"{CROSSOVER}/comparison.csv",
    f"{CROSSOVER}/curves.csv",
    f"{CROSSOVER}/best.csv",
]


rule provenance:
    input:
        results=[f"{CROSSOVER}/curves.csv", f"{CROSSOVER}/best.csv"],
        origins=f"{RAW}/origins.json",
    output:
        config=f"{RESULTS}/config.yaml",
        provenance=f"{RESULTS}/provenance.json",
    log:
        f"{RESULTS}/logs/provenance.log",
    benchmark:
        f"{RESULTS}/benchmarks/provenance.tsv"
    threads: cores("provenance")
    resources:
        **asks("provenance"),
    params:
        hydra=told(study=STUDY.model_dump(mode="json")),
        code=code("provenance"),
    message:
        "Writing down code, packages, machine and data"
    shell:
        "python {SCRIPTS}/provenance.py {params.hydra:q} {REPOSITORY} origins={input.origins}"
        " configuration={output.config} target={output.provenance} > {log} 2>&1"


rule report:
    input:
        results=RESULT_FILES,
        config=f"{RESULTS}/config.yaml",
        captions=CAPTIONS,
    output:
        f"{RESULTS}/report.html",
    log:
        f"{RESULTS}/logs/report.log",
    benchmark:
        f"{RESULTS}/benchmarks/report.tsv"
    localrule: True
    threads: cores("report")
    resources:
        **asks("report"),
    message:
        "Writing the report"
    # Snakemake makes its report in a call of its own, here over all rules but this one.
    shell:
        "snakemake --snakefile {SNAKEFILE} --configfile {input.config} --nolock --quiet"
        " --report {RESULTS}/.report.html -- {RESULT_FILES} > {log} 2>&1"
        " && mv {RESULTS}/.report.html {output}"
