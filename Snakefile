# The workflow is workflow/Snakefile, where Snakemake's workflow catalogue looks for it, too. As
# `include:` does, but what the workflow makes by default is what this file makes by default.
workflow.include("workflow/Snakefile", overwrite_default_target=True)
