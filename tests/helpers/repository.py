"""Where this checkout is."""

from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
CONFIG = REPOSITORY / "config"
# May hold texts, asked before the web: beside the checkout, so that no fetched file lies in it.
MIRROR = REPOSITORY.parent / "shared" / "data"
