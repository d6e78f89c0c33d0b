# Fetch the data sets; split the images into examples, the text into numbers.
IMAGES = {
    kind: f"{CROSSOVER.raw}/{getattr(STUDY.dataset.files, kind).name}"
    for kind in type(STUDY.dataset.files).model_fields
}


rule download:
    output:
        *IMAGES.values(),
        origins=f"{CROSSOVER.raw}/origins.json",
    log:
        f"{CROSSOVER.raw}/download.log",
    localrule: True
    conda:
        ENVIRONMENT
    params:
        **params_of(
            lambda w: Download(files=STUDY.dataset.files),
            by_code=False,
            folder=CROSSOVER.raw,
            sources=STUDY.dataset.sources,
            data=STUDY.data,
        ),
    message:
        f"Fetching {STUDY.dataset.name}"
    # To the terminal too: nothing else runs yet, and the network may be slow.
    shell:
        "python -SE {params.script:q} {params.job:q} {params.files:q} 2>&1 | tee {log}"


use rule base_job as prepare with:
    input:
        **IMAGES,
        # Where data came from changes no number: each file has its digest.
        origins=ancient(f"{CROSSOVER.raw}/origins.json"),
    output:
        examples=f"{RESULTS}/{{experiment}}/data/{STUDY.dataset.name}.safetensors",
    log:
        f"{LOGS}/{{experiment}}/prepare.log",
    params:
        **params_of(lambda w: plan(w).prepare()),
    message:
        f"Splitting {STUDY.dataset.name}"


rule download_text:
    output:
        text=f"{GENDER.raw}/text.txt",
        origins=f"{GENDER.raw}/origins.json",
    log:
        f"{GENDER.raw}/download.log",
    localrule: True
    conda:
        ENVIRONMENT
    params:
        **params_of(
            lambda w: DownloadText(prefer=STUDY.text.prefer, digests=text_digests(STUDY.text)),
            by_code=False,
            editions={name: STUDY.text.editions[name] for name in STUDY.text.prefer},
            data=STUDY.data,
        ),
    message:
        f"Fetching {STUDY.text.name}"
    shell:
        "python -SE {params.script:q} {params.job:q} {params.files:q} 2>&1 | tee {log}"


use rule base_job as prepare_text with:
    input:
        text=f"{GENDER.raw}/text.txt",
        origins=ancient(f"{GENDER.raw}/origins.json"),
    output:
        target=GENDER.text,
    log:
        f"{LOGS}/prepare_text.log",
    params:
        **params_of(lambda w: GENDER.prepare_text()),
    message:
        f"Splitting {STUDY.text.name}"
