# Fetch the data sets; split the images into examples, the text into numbers.
RAW = PLAN.raw


rule download:
    output:
        **PLAN.raw_files(),
        origins=f"{RAW}/origins.json",
    log:
        f"{RAW}/download.log",
    benchmark:
        f"{RAW}/download.benchmark.tsv"
    localrule: True
    conda:
        ENVIRONMENT
    params:
        hydra=PLAN.download_told(),
        folder=subpath(output.origins, parent=True),
    message:
        f"Fetching {PLAN.study.dataset.name}"
    # To the terminal too: nothing else runs yet, and the network may be slow.
    shell:
        'python "$CROSSBREED_SCRIPTS/download.py" {params.hydra:q} "$CROSSBREED_SOURCES" "$CROSSBREED_MIRROR"'
        " folder={params.folder} origins={output.origins} 2>&1 | tee {log}"


rule prepare:
    input:
        **PLAN.raw_files(),
        # Where data came from changes no number: each file has its digest.
        origins=ancient(f"{RAW}/origins.json"),
    output:
        examples=f"{RESULTS}/{{place}}/data/{STUDY.dataset.name}.safetensors",
    log:
        f"{RESULTS}/logs/{{place}}/prepare.log",
    benchmark:
        f"{RESULTS}/benchmarks/{{place}}/prepare.tsv"
    conda:
        ENVIRONMENT
    params:
        hydra=of_place("prepare_told"),
        code=PLAN.code("prepare"),
    message:
        f"Splitting {PLAN.study.dataset.name}"
    shell:
        'python "$CROSSBREED_SCRIPTS/prepare.py" {params.hydra:q}'
        " input.train_images={input.train_images} input.train_labels={input.train_labels}"
        " input.test_images={input.test_images} input.test_labels={input.test_labels}"
        " input.origins={input.origins} examples={output.examples} > {log} 2>&1"


rule download_text:
    output:
        text=f"{GENDER_PLAN.raw}/text.txt",
        origins=f"{GENDER_PLAN.raw}/origins.json",
    log:
        f"{GENDER_PLAN.raw}/download.log",
    benchmark:
        f"{GENDER_PLAN.raw}/download.benchmark.tsv"
    localrule: True
    conda:
        ENVIRONMENT
    params:
        hydra=GENDER_PLAN.download_text_told(),
        content=GENDER_PLAN.text_content(),
    message:
        f"Fetching {PLAN.study.text.name}"
    shell:
        'python "$CROSSBREED_SCRIPTS/download_text.py" {params.hydra:q} "$CROSSBREED_EDITIONS" "$CROSSBREED_MIRROR"'
        " target={output.text} origins={output.origins} 2>&1 | tee {log}"


rule prepare_text:
    input:
        text=f"{GENDER_PLAN.raw}/text.txt",
        origins=ancient(f"{GENDER_PLAN.raw}/origins.json"),
    output:
        GENDER_PLAN.text,
    log:
        f"{RESULTS}/logs/prepare_text.log",
    benchmark:
        f"{RESULTS}/benchmarks/prepare_text.tsv"
    conda:
        ENVIRONMENT
    params:
        hydra=GENDER_PLAN.prepare_text_told(),
        code=PLAN.code("prepare_text", "torch"),
    message:
        f"Splitting {PLAN.study.text.name}"
    shell:
        'python "$CROSSBREED_SCRIPTS/prepare_text.py" {params.hydra:q} text={input.text}'
        " origins={input.origins} target={output} > {log} 2>&1"
