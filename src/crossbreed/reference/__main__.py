"""Compare results with the reference, publish them as one; to be run in a checkout's root."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import yaml

from crossbreed.config.compose import compose_study
from crossbreed.errors import CrossbreedError
from crossbreed.reference.contents import DERIVED, changed_files, write_digests
from crossbreed.reference.derived import derive
from crossbreed.reference.publishing import publish
from crossbreed.reference.settings import CONFIG, closest, outdated, read_config
from crossbreed.reference.words import compared
from crossbreed.storage.files import write_text

ROOT = Path.cwd()
REFERENCES = Path("results/reference")


def _compare(results: Path, against: str | None) -> None:
    # Hidden is what a killed `publish` has left.
    known = {path.parent.name: path.parent for path in sorted(REFERENCES.glob(f"[!.]*/{CONFIG}"))}
    if not known:
        raise CrossbreedError(f"{REFERENCES} holds no reference results")
    if against is not None and against not in known:
        raise CrossbreedError(f"reference = {against}: must be one of {', '.join(known)}")
    settings = {name: read_config(folder) for name, folder in known.items()}
    name = against or closest(read_config(results), settings)
    print(compared(results, known[name]))
    others = [other for other in known if other != name]
    if others:
        print(f"Other references, for REFERENCE=...: {', '.join(others)}.")


def _derive(folder: Path) -> None:
    """Write anew what follows from a reference's tables, by the code and rules of now."""
    kept = read_config(folder)
    study = compose_study(ROOT / "config", {"preset": folder.name, "studies": kept["studies"]})
    now = study.model_dump(mode="json")
    changed = outdated(kept, now)
    if changed:
        raise CrossbreedError(
            f"{folder}: {', '.join(changed)} changed since; run the preset again and publish it"
        )
    altered = [name for name in changed_files(folder) if name not in DERIVED]
    if altered:
        raise CrossbreedError(
            f"{folder}: {', '.join(altered)}: not as it was published, and not made anew from "
            "other tables; restore it from git"
        )
    derive(folder, study, kept)
    write_text(folder / CONFIG, yaml.safe_dump(now, sort_keys=False))
    write_digests(folder)


def main() -> None:
    """Do what the command line asks for; one clear line if the user can mend what went wrong."""
    parser = argparse.ArgumentParser(prog="python -m crossbreed.reference", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    told = commands.add_parser("compare", help="say in words how results agree with a reference")
    told.add_argument("results", type=Path, help="results/<preset>")
    told.add_argument("--against", help="name of the reference; else the closest one")
    publishing = commands.add_parser("publish", help="make a reference from a whole run")
    publishing.add_argument("results", type=Path, help="results/<preset>")
    deriving = commands.add_parser(
        "derive", help="write anew what follows from a reference's tables, such as its verdicts"
    )
    deriving.add_argument("reference", type=Path, help="results/reference/<preset>")
    given = parser.parse_args()
    try:
        if given.command == "compare":
            _compare(given.results, given.against)
        elif given.command == "publish":
            print(f"{publish(given.results, REFERENCES)} written")
        else:
            _derive(given.reference)
    except CrossbreedError as error:
        sys.exit(f"crossbreed: {error}")


if __name__ == "__main__":
    main()
