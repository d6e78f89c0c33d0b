"""Write the pages of `docs/` that are made from the code, and published numbers into others.

To be run in a checkout's root.
"""

from __future__ import annotations

import sys
from pathlib import Path

from crossbreed.documentation.configuration import write_page
from crossbreed.documentation.results import fill
from crossbreed.errors import CrossbreedError
from crossbreed.storage.files import write_text


def write_pages() -> None:
    """Write all pages; none is touched if one of them cannot be written.

    Raises
    ------
    CrossbreedError
        If a page asks for what there is not.
    """
    written = {Path("docs/configuration.md"): write_page(Path("config"))}
    for page in (Path("README.md"), *sorted(Path("docs").rglob("*.md"))):
        text = written.get(page, page.read_text(encoding="utf-8"))
        try:
            written[page] = fill(text, Path("results/reference"))
        except CrossbreedError as error:
            raise CrossbreedError(f"{page}: {error}") from error
    for page, text in written.items():
        if page.read_text(encoding="utf-8") != text:
            write_text(page, text)


if __name__ == "__main__":
    try:
        write_pages()
    except CrossbreedError as error:
        sys.exit(str(error))
