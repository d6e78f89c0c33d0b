# Does breeding networks while they train pay off? The whole study, from data to page.
from snakemake.utils import min_version

min_version("9.27")


report: "workflow/report/study.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/crossover.smk"
include: "workflow/rules/conditions.smk"
include: "workflow/rules/gender.smk"
include: "workflow/rules/report.smk"


rule all:
    default_target: True
    input:
        rules.page.output,
        # All else, so that what was deleted is made again.
        rules.judge.output,
        rules.provenance.output,
        [getattr(rules, study).input for study in STUDIES],


onstart:
    start_jobs_when_ready(workflow.scheduler)
    if {"crossover", "conditions"} & set(STUDIES):
        # Loaded where it is needed: it takes a second.
        from crossbreed.statistics.power import before_the_run

        asked = STUDY.statistics
        print(before_the_run(STUDY.runs, asked.confidence, asked.power), file=sys.stderr)


onsuccess:
    asked = set(workflow.dag_settings.targets)
    cut = workflow.dag_settings.until or workflow.dag_settings.omit_from
    whole = not cut and (not asked or "all" in asked)
    # Where only some files were asked for, a summary may tell of an earlier study.
    texts = [SUMMARIES[study] for study in STUDIES if whole or (study in asked and not cut)]
    if whole:
        texts.append(f"{RESULTS}/answer.txt")
    for text in texts:
        # With --touch, a study ends well where there are no results.
        if Path(text).is_file():
            print(Path(text).read_text())
    if whole:
        print(f"Page: {RESULTS}/index.html")
    elif asked and asked <= set(STUDIES):
        print(
            "Page, claims and answer were left as they are; a run without a target makes them anew."
        )


onerror:
    print("What is done is kept: the same command goes on from there.", file=sys.stderr)
