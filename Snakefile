# Does breeding networks while they train pay off? The whole study, from data to report.
from snakemake.utils import min_version

min_version("9.27")


report: "workflow/report/study.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/crossover.smk"
include: "workflow/rules/report.smk"


rule all:
    default_target: True
    input:
        f"{RESULTS}/report.html",
        PLAN.populations(),


onsuccess:
    # Absent where only a part of the study was asked for.
    if Path(SUMMARY).exists() and Path(f"{RESULTS}/report.html").exists():
        print(Path(SUMMARY).read_text())
        print(f"Report: {RESULTS}/report.html")
