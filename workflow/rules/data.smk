# Fetch the data set, split it into examples.
RAW = PLAN.raw


rule download:
    output:
        **PLAN.raw_files(),
        origins=f"{RAW}/origins.json",
    log:
        f"{RAW}/download.log",
    benchmark:
        f"{RAW}/download.benchmark.tsv"
    conda:
        ENVIRONMENT
    threads: PLAN.threads("download")
    resources:
        **PLAN.resources("download"),
    params:
        hydra=PLAN.download_told(),
        folder=subpath(output.origins, parent=True),
    message:
        f"Fetching {PLAN.study.dataset.name}"
    # To the terminal too: nothing else runs yet, and the network may be slow.
    shell:
        'python "$SCRIPTS/download.py" {params.hydra:q} "$SOURCES" "$MIRROR"'
        " folder={params.folder} origins={output.origins} 2>&1 | tee {log}"


rule prepare:
    input:
        **PLAN.raw_files(),
        origins=f"{RAW}/origins.json",
    output:
        examples=PLAN.examples,
    log:
        f"{RESULTS}/logs/prepare.log",
    benchmark:
        f"{RESULTS}/benchmarks/prepare.tsv"
    conda:
        ENVIRONMENT
    threads: PLAN.threads("prepare")
    resources:
        **PLAN.resources("prepare"),
    params:
        hydra=PLAN.prepare_told(),
        content=PLAN.download_told(),
        code=PLAN.code("prepare"),
    message:
        f"Splitting {PLAN.study.dataset.name}"
    shell:
        'python "$SCRIPTS/prepare.py" {params.hydra:q}'
        " input.train_images={input.train_images} input.train_labels={input.train_labels}"
        " input.test_images={input.test_images} input.test_labels={input.test_labels}"
        " input.origins={input.origins} examples={output.examples} > {log} 2>&1"
