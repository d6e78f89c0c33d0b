"""Compare results with the reference, publish them as one; to be run in a checkout's root."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import yaml

from crossbreed.config.compose import compose_study
from crossbreed.errors import CrossbreedError
from crossbreed.reference.comparison import compared
from crossbreed.reference.contents import (
    CONFIG,
    read_config,
    write_digests,
)
from crossbreed.reference.derived import derive
from crossbreed.reference.publishing import publish
from crossbreed.reference.settings import closest, outdated
from crossbreed.storage.files import write_text

REFERENCES = Path("results/reference")


def _compare(results: Path, against: str | None) -> None:
    # Hidden is what a killed `publish` has left.
    known = {path.parent.name: path.parent for path in sorted(REFERENCES.glob(f"[!.]*/{CONFIG}"))}
    if against is not None and against not in known:
        raise CrossbreedError(f"reference = {against}: must be one of {', '.join(known)}")
    settings = {name: read_config(folder) for name, folder in known.items()}
    name = against or closest(read_config(results), settings)
    print(compared(results, known.pop(name)))
    if known:
        print(f"Other references, for REFERENCE=...: {', '.join(known)}.")


def _derive(folder: Path) -> None:
    """Write anew what follows from a reference's tables, by the code and rules of now."""
    kept = read_config(folder)
    study = compose_study(Path.cwd() / "config", {key: kept[key] for key in ("preset", "studies")})
    now = study.model_dump(mode="json")
    if changed := outdated(kept, now):
        raise CrossbreedError(
            f"{folder}: {', '.join(changed)} changed since; run the preset again and publish it"
        )
    derive(folder, study)
    write_text(folder / CONFIG, yaml.safe_dump(now, sort_keys=False))
    write_digests(folder)


def main() -> None:
    """Do what the command line asks for; one clear line if the user can mend what went wrong."""
    parser = argparse.ArgumentParser(prog="python -m crossbreed.reference", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("compare", help="say in words how results agree with a reference")
    command.add_argument("results", type=Path, help="results/<preset>")
    command.add_argument("--against", help="name of the reference; else the closest one")
    command = commands.add_parser("publish", help="make a reference from all of a study")
    command.add_argument("results", type=Path, help="results/<preset>")
    command = commands.add_parser(
        "derive", help="write anew what follows from a reference's tables, such as its verdicts"
    )
    command.add_argument("reference", type=Path, help="results/reference/<preset>")
    arguments = parser.parse_args()
    try:
        if arguments.command == "compare":
            _compare(arguments.results, arguments.against)
        elif arguments.command == "publish":
            print(f"{publish(arguments.results, REFERENCES)} written")
        else:
            _derive(arguments.reference)
    except CrossbreedError as error:
        sys.exit(f"crossbreed: {error}")


if __name__ == "__main__":
    main()
