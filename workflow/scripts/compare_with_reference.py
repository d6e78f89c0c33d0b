"""Say in words how results agree with the reference results."""

from pathlib import Path

from crossbreed.config.base import Config
from crossbreed.errors import CrossbreedError
from crossbreed.job import run_job
from crossbreed.reference.contents import CONFIG
from crossbreed.reference.words import compared


class CompareWithReference(Config):
    """Say in words how results agree with the reference results."""

    results: Path
    """Folder of the results, results/<preset>."""
    references: Path
    """Folder that holds references, each in a folder of its own."""


def compare_with_reference(settings: CompareWithReference) -> None:
    """Print a comparison with each reference."""
    found = sorted(path.parent for path in settings.references.glob(f"*/{CONFIG}"))
    if not found:
        raise CrossbreedError(f"{settings.references}: holds no reference results")
    print("\n\n".join(compared(settings.results, reference) for reference in found))


if __name__ == "__main__":
    run_job(CompareWithReference, compare_with_reference)
