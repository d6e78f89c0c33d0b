"""Write the pages of `docs/` that are made from the code, and published numbers into others.

To be run in a checkout's root.
"""

from __future__ import annotations

from pathlib import Path

from crossbreed.documentation.configuration import write_page
from crossbreed.documentation.results import fill
from crossbreed.files import write_text

if __name__ == "__main__":
    write_text(Path("docs/configuration.md"), write_page(Path("config")))
    for page in (Path("README.md"), *sorted(Path("docs").rglob("*.md"))):
        text = page.read_text(encoding="utf-8")
        filled = fill(text, Path("results/reference"))
        if filled != text:
            write_text(page, filled)
