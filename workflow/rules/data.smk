# Fetch the data set, split it into examples.
DATASET = STUDY.dataset
RAW = f"results/data/{DATASET.name}"
EXAMPLES = f"{RESULTS}/data/{DATASET.name}.safetensors"
# Not a parameter: where verified files come from changes no result.
MIRROR = shlex.quote(override("data.mirror", STUDY.data.mirror))


rule download:
    output:
        **{key: f"{RAW}/{file['name']}" for key, file in DATASET.files.model_dump().items()},
        origins=f"{RAW}/origins.json",
    log:
        f"{RAW}/download.log",
    benchmark:
        f"{RAW}/download.benchmark.tsv"
    threads: cores("download")
    resources:
        **asks("download"),
    params:
        hydra=told(files=DATASET.files, sources=DATASET.model_dump(mode="json")["sources"]),
    message:
        f"Fetching {DATASET.name}"
    shell:
        "python {SCRIPTS}/download.py {params.hydra:q} {MIRROR}"
        " folder={RAW} origins={output.origins} > {log} 2>&1"


rule prepare:
    input:
        # Their content is pinned, so a new copy of the same files changes nothing.
        **{
            key: ancient(f"{RAW}/{file['name']}")
            for key, file in DATASET.files.model_dump().items()
        },
        origins=ancient(f"{RAW}/origins.json"),
    output:
        examples=EXAMPLES,
    log:
        f"{RESULTS}/logs/prepare.log",
    benchmark:
        f"{RESULTS}/benchmarks/prepare.tsv"
    threads: cores("prepare")
    resources:
        **asks("prepare"),
    params:
        hydra=told(
            seed=STUDY.seed,
            available=DATASET.available,
            split=DATASET.model_dump(include={"train", "validation", "test"}),
        ),
        code=code("prepare"),
    message:
        f"Splitting {DATASET.name}"
    shell:
        "python {SCRIPTS}/prepare.py {params.hydra:q}"
        " input.train_images={input.train_images} input.train_labels={input.train_labels}"
        " input.test_images={input.test_images} input.test_labels={input.test_labels}"
        " input.origins={input.origins} examples={output.examples} > {log} 2>&1"
