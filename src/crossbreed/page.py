"""A page of results that people read in a browser: one file, no scripts."""

from __future__ import annotations

from html import escape

import pandas as pd

_PAGE = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ font: 15px/1.5 sans-serif; margin: 2em; color: #222; }}
table {{ border-collapse: collapse; margin: 1em 0 2em; }}
th, td {{ padding: .3em .9em; text-align: right; border-bottom: 1px solid #ddd; }}
th:first-child, td:first-child {{ text-align: left; }}
thead th {{ border-bottom: 2px solid #222; }}
pre {{ white-space: pre-wrap; }}
</style>
{body}
</html>
"""


def page(title: str, parts: list[str]) -> str:
    """Return a page of some parts, each HTML already, under a title, which is plain text."""
    return _PAGE.format(title=escape(title), body="\n".join(parts))


def table(rows: pd.DataFrame) -> str:
    """Return a table of texts as HTML; what they hold is escaped."""
    return str(rows.to_html(index=False, border=0))
