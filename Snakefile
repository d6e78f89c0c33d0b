# The workflow is workflow/Snakefile, where Snakemake's workflow catalogue looks for it, too.
include: "workflow/Snakefile"


# An included file does not say what is made by default.
workflow.default_target = "all"
