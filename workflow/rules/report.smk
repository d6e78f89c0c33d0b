# What the study was made with, its answer, and the page that shows it all.
# Part of the checkout, not of the results, wherever those are stored.
FORMS = ROOT / "workflow" / "report"
CAPTIONS = [local(str(path)) for path in sorted(FORMS.glob("*.rst"))]


use rule base_job as judge_claims with:
    input:
        [file for tables in REPORT.judged.values() for file in tables.values()],
    output:
        ledger=report(
            f"{RESULTS}/claims.csv",
            caption="../report/claims.rst",
            category="Answer",
            labels={"result": "Claims and verdicts"},
        ),
        content=f"{RESULTS}/claims.json",
        summary=f"{RESULTS}/answer.txt",
    log:
        f"{LOGS}/judge_claims.log",
    params:
        **params_of(lambda w: REPORT.judge_claims()),
    message:
        "Judging the claims"


use rule base_job as provenance with:
    input:
        REPORT.numbers,
        REPORT.origins,
    output:
        configuration=report(
            f"{RESULTS}/config.yaml",
            caption="../report/config.rst",
            category="Provenance",
            labels={"result": "Configuration"},
        ),
        target=report(
            f"{RESULTS}/provenance.json",
            caption="../report/provenance.rst",
            category="Provenance",
            labels={"result": "Code, packages, machine, data"},
        ),
    log:
        f"{LOGS}/provenance.log",
    params:
        **params_of(lambda w: REPORT.provenance(), repository=ROOT),
    message:
        "Writing down code, packages, machine and data"


use rule base_job as write_page with:
    input:
        REPORT.shown(),
        CAPTIONS,
        template=local(str(FORMS / "index.html.jinja")),
        claims=f"{RESULTS}/claims.json",
        configuration=f"{RESULTS}/config.yaml",
        provenance=f"{RESULTS}/provenance.json",
    output:
        target=f"{RESULTS}/index.html",
    log:
        f"{LOGS}/write_page.log",
    params:
        **params_of(lambda w: REPORT.write_page()),
    message:
        "Writing the page"
