"""Write the pages of `docs/` that are made from the code; to be run in a checkout's root."""

from __future__ import annotations

from pathlib import Path

from crossbreed.documentation.configuration import write_page
from crossbreed.files import write_text

if __name__ == "__main__":
    write_text(Path("docs/configuration.md"), write_page(Path("config")))
