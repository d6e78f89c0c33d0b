# What the study was made with, and the page that shows it all.

# Part of the checkout, not of the results, wherever those are stored.
CAPTIONS = [local(str(path)) for path in sorted((ROOT / "workflow" / "report").glob("*.rst"))]
# Of each study: where its numbers are, where its data came from.
NUMBERS = {
    "crossover": [f"{CROSSOVER}/curves.csv", f"{CROSSOVER}/best.csv"],
    "gender": [f"{GENDER}/individuals.csv", f"{GENDER}/finals.csv"],
    "conditions": [f"{CONDITIONS}/conditions.csv"],
}
ORIGINS = {
    "crossover": f"{RAW}/origins.json",
    "gender": f"{GENDER_PLAN.raw}/origins.json",
    "conditions": f"{RAW}/origins.json",
}
SUMMARIES = {
    "crossover": SUMMARY,
    "gender": GENDER_SUMMARY,
    "conditions": f"{CONDITIONS}/summary.txt",
}
STUDIES = PLAN.study.studies
JUDGED = {
    study: {table: f"{folder}/{table}.csv" for table in tables}
    for study, folder, tables in (
        ("crossover", CROSSOVER, ("outcomes", "curves", "targets")),
        ("gender", GENDER, ("differences", "evidence", "published")),
    )
}


rule judge:
    input:
        [file for study in STUDIES for file in JUDGED.get(study, {}).values()],
    output:
        table=report(
            f"{RESULTS}/claims.csv",
            caption="../report/claims.rst",
            category="Answer",
            labels={"result": "Claims and verdicts"},
        ),
        content=f"{RESULTS}/claims.json",
        summary=f"{RESULTS}/answer.txt",
    log:
        f"{RESULTS}/logs/judge.log",
    benchmark:
        f"{RESULTS}/benchmarks/judge.tsv"
    conda:
        ENVIRONMENT
    params:
        # A function: Snakemake takes braces in a text for wildcards.
        hydra=lambda wildcards: PLAN.judge_told(JUDGED),
        code=PLAN.code("judge_claims"),
    message:
        "Judging the claims"
    shell:
        'python "$CROSSBREED_SCRIPTS/judge_claims.py" {params.hydra:q} ledger={output.table}'
        " content={output.content} summary={output.summary} > {log} 2>&1"


rule provenance:
    input:
        results=[file for study in STUDIES for file in NUMBERS[study]],
        origins=sorted({ORIGINS[study] for study in STUDIES}),
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
    params:
        # A function: Snakemake takes braces in a text for wildcards. Not of the input: what is made
        # from that is not compared with the time before.
        hydra=lambda wildcards: PLAN.provenance_told(sorted({ORIGINS[study] for study in STUDIES})),
        code=PLAN.code("provenance"),
    message:
        "Writing down code, packages, machine and data"
    shell:
        'python "$CROSSBREED_SCRIPTS/provenance.py" {params.hydra:q} "$CROSSBREED_REPOSITORY"'
        " configuration={output.config} target={output.provenance} > {log} 2>&1"


REPORT_FOLDER = ROOT / "workflow" / "report"
# What the page shows, by study: figures and their captions, tables.
PAGE_FIGURES = {
    "crossover": [
        {
            "path": f"{CROSSOVER}/{figure}.svg",
            "title": title,
            "caption": f"{figure}.rst",
        }
        for figure, title in CROSSOVER_FIGURES.items()
    ],
    "gender": [
        {
            "path": f"{GENDER}/{figure}.svg",
            "title": title,
            "caption": f"gender_{figure}.rst",
        }
        for figure, title in GENDER_FIGURES.items()
    ],
    "conditions": [
        {
            "path": f"{CONDITIONS}/map.svg",
            "title": "Where breeding helps and where it hurts",
            "caption": "conditions_map.rst",
        }
    ],
}
PAGE_TABLES = {
    "crossover": [
        {"path": f"{CROSSOVER}/{table}.csv", "title": title}
        for table, title in {
            "comparison": "Comparison of arms, paired by run",
            "targets": "Epochs until a loss is reached",
            "cost": "What arms cost a run, and their loss at equal cost",
        }.items()
    ],
    "gender": [
        {"path": f"{GENDER}/{table}.csv", "title": title}
        for table, title in {
            "table": "Winners of each mode",
            "differences": "Differences of modes, paired by search seed",
            "winners": "The winners' architectures",
            "evidence": "Whether early speed and predictors tell the end",
            "published": "The paper's numbers",
        }.items()
    ],
    "conditions": [{"path": f"{CONDITIONS}/conditions.csv", "title": "Every condition"}],
}


rule page:
    input:
        template=local(str(REPORT_FOLDER / "index.html.jinja")),
        claims=f"{RESULTS}/claims.json",
        config=f"{RESULTS}/config.yaml",
        provenance=f"{RESULTS}/provenance.json",
        figures=[one["path"] for study in STUDIES for one in PAGE_FIGURES[study]],
        captions=CAPTIONS,
        tables=[one["path"] for study in STUDIES for one in PAGE_TABLES[study]],
    output:
        f"{RESULTS}/index.html",
    log:
        f"{RESULTS}/logs/page.log",
    benchmark:
        f"{RESULTS}/benchmarks/page.tsv"
    conda:
        ENVIRONMENT
    params:
        # A function: Snakemake takes braces in a text for wildcards.
        hydra=lambda wildcards: told(
            figures={study: PAGE_FIGURES[study] for study in STUDIES},
            tables={study: PAGE_TABLES[study] for study in STUDIES},
        ),
        code=PLAN.code("write_page"),
    message:
        "Writing the page"
    shell:
        'python "$CROSSBREED_SCRIPTS/write_page.py" {params.hydra:q} "$CROSSBREED_REPORT_FOLDER"'
        " claims={input.claims} configuration={input.config} provenance={input.provenance}"
        " target={output} > {log} 2>&1"
