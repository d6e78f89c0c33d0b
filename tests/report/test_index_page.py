"""The one page, as a reader's browser shows it: headless Chromium on a page of made-up results."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import yaml
from matplotlib.figure import Figure
from playwright.sync_api import Page, sync_playwright

from crossbreed.config.schema import Study
from crossbreed.figures.style import save_figure
from crossbreed.report.index_page import Shown, caption, cell, index_page
from repository import REPOSITORY

TEMPLATE = REPOSITORY / "workflow/report/index.html.jinja"
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
EVIL = "<script>alert('here')</script> & $x$"


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory, study: Study) -> Path:
    """Return a page of all studies, with words that must not be taken for HTML."""
    folder = tmp_path_factory.mktemp("page")
    figure = Figure()
    figure.subplots().plot([1, 2])
    save_figure(figure, folder / "figure.svg")
    table = pd.DataFrame(
        {
            "arm": ["b", "a", EVIL],
            "difference": [0.5, -12.25, None],
            "runs": [10, 9, 8],
        }
    )
    table.to_csv(folder / "table.csv", index=False)
    claims = [
        {
            **{"source": "poster", "label": "poster", "study": "crossover", "rules": "abc"},
            **{"question": f"Does it? {EVIL}", "answer": ["One.", "Two."], "confidence": 0.95},
            "claims": [
                {"claim": "x", "verdict": verdict, "statement": EVIL, "measured": "+1 %"}
                for verdict in ("supported", "contradicted", "equivalent", "inconclusive")
            ],
        }
    ]
    provenance = {
        **{"git_commit": "0123456789abcdef", "git_changes": [], "python": "3.11"},
        **{"packages": {"torch": "2"}, "machine": {"cores": 2}, "data": {"x": {"source": EVIL}}},
    }
    shown = [Shown(folder / "figure.svg", "Title", "A ``caption``.")]
    text = index_page(
        TEMPLATE,
        study.model_dump(mode="json"),
        claims,
        {"crossover": shown},
        {"crossover": [Shown(folder / "table.csv", "Comparison")]},
        provenance,
    )
    path = folder / "index.html"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def browser_page(page_file: Path) -> Iterator[tuple[Page, list[str]]]:
    """Return the page opened in a browser without network, and what went wrong there."""
    if CHROMIUM is None:
        pytest.skip("needs Chromium (apt-get install chromium); .ci/run installs it")
    with sync_playwright() as playwright:
        # As root, Chromium has no sandbox to offer.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        opened = browser.new_page(viewport={"width": 1200, "height": 900}, offline=True)
        wrong: list[str] = []
        opened.on("pageerror", lambda error: wrong.append(str(error)))
        opened.on("console", lambda message: wrong.append(message.text))
        opened.on("dialog", lambda dialog: wrong.append(dialog.message))
        opened.on("requestfailed", lambda request: wrong.append(request.url))
        opened.goto(page_file.as_uri())
        yield opened, wrong
        browser.close()


def column(opened: Page, table: str, number: int) -> list[str]:
    cells = opened.locator(f'table[data-name="{table}"] tbody tr td:nth-child({number})')
    return [text.strip() for text in cells.all_inner_texts()]


def test_page_opens_offline_without_an_error(
    browser_page: tuple[Page, list[str]], tmp_path: Path
) -> None:
    opened, wrong = browser_page
    assert opened.locator("h1").count() == 1
    image = opened.locator("figure img")
    assert image.evaluate("one => one.complete && one.naturalWidth > 0")
    assert image.get_attribute("alt") == "Title: A caption."
    # Words are shown as they were given, and nothing of them is run.
    assert EVIL in opened.locator(".question").first.inner_text()
    opened.screenshot(path=tmp_path / "page.png", full_page=True)
    assert (tmp_path / "page.png").stat().st_size > 20_000
    assert wrong == []


def test_tables_are_sorted_by_a_click_numbers_as_numbers(
    browser_page: tuple[Page, list[str]],
) -> None:
    opened, wrong = browser_page
    head = opened.locator('table[data-name="Comparison"] thead button', has_text="difference")
    assert column(opened, "Comparison", 2) == ["0.5", "-12.25", ""]
    head.click()
    # What is missing stays last in either order.
    assert column(opened, "Comparison", 2) == ["-12.25", "0.5", ""]
    assert column(opened, "Comparison", 3) == ["9", "10", "8"]
    head.click()
    assert column(opened, "Comparison", 2) == ["0.5", "-12.25", ""]
    assert head.locator("..").get_attribute("aria-sort") == "descending"
    opened.locator('table[data-name="Comparison"] thead button', has_text="arm").click()
    assert column(opened, "Comparison", 1) == [EVIL, "a", "b"]
    assert wrong == []


def test_every_verdict_has_a_sign_of_its_own(browser_page: tuple[Page, list[str]]) -> None:
    opened, _ = browser_page
    signs = opened.locator(".verdict").evaluate_all(
        "spans => spans.map(span => getComputedStyle(span, '::before').content)"
    )
    assert len(signs) == 4
    assert len({*signs} - {"none", '""'}) == 4


def test_page_fits_a_phone_and_prints_everything(browser_page: tuple[Page, list[str]]) -> None:
    opened, wrong = browser_page
    opened.set_viewport_size({"width": 360, "height": 640})
    assert opened.evaluate("document.documentElement.scrollWidth") == 360
    assert opened.locator("details:not([open])").count() > 0
    opened.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert opened.locator("details:not([open])").count() == 0
    assert len(opened.pdf(format="A4")) > 10_000
    assert wrong == []


def test_page_needs_nothing_beside_it(page_file: Path) -> None:
    text = page_file.read_text(encoding="utf-8")
    addresses = re.findall(r'(?:src|href)="([^"]{0,40})', text)
    assert addresses
    assert all(address.startswith(("data:", "#")) for address in addresses)
    assert "url(" not in text


def test_configuration_on_the_page_is_whole(
    browser_page: tuple[Page, list[str]], study: Study
) -> None:
    opened, _ = browser_page
    blocks = [opened.locator("pre").nth(place) for place in (0, 1)]
    data, configured = (yaml.safe_load(block.text_content() or "") for block in blocks)
    assert data == {"x": {"source": EVIL}}
    assert configured == json.loads(json.dumps(study.model_dump(mode="json")))


def test_captions_lose_their_marks() -> None:
    assert caption("One ``two``\n*three* `four`.\n") == "One two three four."


@pytest.mark.parametrize(
    ("value", "text", "shown"),
    [
        (float("nan"), False, ""),
        (0.123456, False, "0.1235"),
        (12345.0, False, "12,345"),
        (1e-9, False, "1e-09"),
        ("x", True, "x"),
    ],
)
def test_numbers_are_shown_with_four_digits(value: object, text: bool, shown: str) -> None:
    assert cell(value, text).shown == shown
