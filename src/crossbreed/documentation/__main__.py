"""Write the page of all keys, and copy published results into the pages that show them.

To be run in a checkout's root.
"""

from __future__ import annotations

from pathlib import Path

from crossbreed.documentation.configuration import write_page
from crossbreed.documentation.published import fill
from crossbreed.storage.files import write_text

PAGES = (Path("README.md"), *sorted(Path("docs").rglob("*.md")))

if __name__ == "__main__":
    root = Path.cwd()
    write_text(Path("docs/configuration.md"), write_page(root / "config"))
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        if (filled := fill(text, root)) != text:
            write_text(page, filled)
