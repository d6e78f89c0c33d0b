"""Links lead somewhere, what pages name is there, and commands can be planned as written."""

from __future__ import annotations

import re
import shlex
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree

import pytest
import yaml

from planner import plan_as_written
from repository import REPOSITORY

PAGES = sorted(
    path.relative_to(REPOSITORY)
    for pattern in ("*.md", "docs/**/*.md", "results/README.md")
    for path in REPOSITORY.glob(pattern)
)
TRACKED = set(
    subprocess.run(
        ("git", "ls-files"), cwd=REPOSITORY, capture_output=True, text=True, check=True
    ).stdout.splitlines()
)
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
HEADING = re.compile(r"^#+ +(.+?)$", re.MULTILINE)
FOLDERS = r"(?:src|config|tests|docs|workflow|envs|benchmarks|\.github|\.ci)"
PATH = re.compile(rf"{FOLDERS}/[\w./*<>-]*")
# A page tells how to write it; no page holds all of it.
MADE_BY_THE_READER = {
    "src/crossbreed/training/models/smooth.py",
    *("src/crossbreed/crossover/figures/test_loss.py", "workflow/report/test_losses.rst"),
}
# Needs the code of the same page, so all that can be said is that it is refused for that alone.
NEEDS_CODE = {"model=smooth": "model.name = 'smooth': must be one of 'dense', 'convolutional'"}
# Which jobs are planned does not depend on these.
WITHOUT_INFLUENCE = {"--dry-run", "--rerun-incomplete", "--printshellcmds"}


def text_of(page: Path) -> str:
    return (REPOSITORY / page).read_text(encoding="utf-8")


def prose(page: Path) -> str:
    """Return a page without its blocks of code."""
    return FENCE.sub("", text_of(page))


@dataclass(frozen=True)
class Block:
    """A block of code, with the text between it and the block before."""

    language: str
    code: str
    before: str


def blocks(text: str) -> Iterator[Block]:
    end = 0
    for found in FENCE.finditer(text):
        indent, language, code = found.groups()
        lines = [line.removeprefix(indent) for line in code.splitlines()]
        yield Block(language, "\n".join(lines) + "\n", text[end : found.start()])
        end = found.end()


def anchors(text: str) -> set[str]:
    """Return the anchors that GitHub gives to a page's headings."""
    made: dict[str, int] = {}
    found = set()
    for title in HEADING.findall(FENCE.sub("", text)):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title)
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        count = made.get(slug, 0)
        made[slug] = count + 1
        found.add(f"{slug}-{count}" if count else slug)
    return found


def broken_links(page: Path, text: str) -> Iterator[str]:
    for target in LINK.findall(FENCE.sub("", text)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        to = (REPOSITORY / page).parent / path if path else REPOSITORY / page
        if not to.exists():
            yield f"{page}: {target} is not there"
        elif anchor and anchor not in anchors(text if not path else to.read_text("utf-8")):
            yield f"{page}: {target} has no such heading"


def examples() -> dict[str, str]:
    """Return the configuration files that pages tell the reader to write, by their paths."""
    found: dict[str, str] = {}
    for page in PAGES:
        for block in blocks(text_of(page)):
            if block.language == "yaml":
                named = [name for name in CODE.findall(block.before) if name.endswith(".yaml")]
                assert named, f"{page}: the text before a file must name it:\n{block.code}"
                # A reader who has followed the page has it, too.
                assert named[-1] not in TRACKED, f"{page}: {named[-1]} is there already"
                assert found.setdefault(named[-1], block.code) == block.code, named[-1]
    return found


def unknown_paths(text: str, known: set[str]) -> Iterator[str]:
    for name in CODE.findall(text):
        if not PATH.fullmatch(name) or "<" in name or name in known:
            continue
        if "*" in name:
            if not any(REPOSITORY.glob(name)):
                yield name
        elif not (REPOSITORY / name).exists():
            yield name


def make_targets(text: str) -> set[str]:
    """Return the targets of `make` that a text names in its code."""
    code = [*CODE.findall(FENCE.sub("", text)), *(block.code for block in blocks(text))]
    lines = [line for part in code for line in part.splitlines()]
    return {
        found[1]
        for line in lines
        if (found := re.match(r" *make(?: +\w+=\S+)* +([a-z][a-z-]*)", line))
    }


def commands() -> dict[tuple[str, ...], str]:
    """Return the commands of Snakemake in all pages, one of those that plan alike, and where."""
    found: dict[tuple[str, ...], tuple[tuple[str, ...], str]] = {}
    for page in PAGES:
        text = text_of(page)
        lines = [
            line
            for block in blocks(text)
            for line in re.sub(r"\\\n *", "", block.code).splitlines()
        ]
        # In the text, those that say what to do and are whole.
        lines += [code for code in CODE.findall(FENCE.sub("", text)) if "..." not in code]
        for line in lines:
            if given := re.fullmatch(r" *make study ARGS='(.*)'", line):
                line = f"snakemake --cores all {given[1]}"
            # With a profile, make check plans.
            if not re.match(r" *snakemake -", line) or re.search(r"<|--profile", line):
                continue
            arguments = shlex.split(line, comments=True)[1:]
            alike = tuple(one for one in arguments if one not in WITHOUT_INFLUENCE)
            found.setdefault(alike, (tuple(arguments), f"{page}: {line}"))
    return dict(found.values())


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links_paths_and_targets_of_make_are_there(page: Path) -> None:
    assert not list(broken_links(page, text_of(page)))
    assert not list(unknown_paths(prose(page), {*MADE_BY_THE_READER, *examples()}))
    known = set(re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))
    assert make_targets(text_of(page)) <= known


def test_the_version_is_one() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    citation = yaml.safe_load((REPOSITORY / "CITATION.cff").read_text())
    assert citation["version"] == project["version"]
    assert citation["license"] == project["license"]
    assert f"## [{project['version']}]" in text_of(Path("CHANGELOG.md"))


def test_commands_can_be_planned(tmp_path: Path) -> None:
    found = commands()
    assert len(found) > 20
    # As a reader who has written all the files that pages tell to write.
    checkout = tmp_path / "crossbreed"
    for folder in ("config", "workflow", "envs"):
        copytree(REPOSITORY / folder, checkout / folder)
    (checkout / "results").mkdir()
    for name in ("Snakefile", "src", "results/reference"):
        (checkout / name).symlink_to(REPOSITORY / name)
    for path, content in examples().items():
        (checkout / path).write_text(content)
    for arguments in found:
        for folder in re.findall(r"mirror: ([\w/]+)", " ".join(arguments)):
            (checkout / folder).mkdir(exist_ok=True)
    # Were these planned, nothing could be said of the others.
    for broken in (["--config", "runz=3"], ["no_such_target"], ["--no-such-option"]):
        status, printed = plan_as_written(checkout, broken, checkout)
        assert status, printed
    for arguments, where in found.items():
        status, printed = plan_as_written(checkout, list(arguments), checkout)
        refused = [NEEDS_CODE[one] for one in arguments if one in NEEDS_CODE]
        if refused:
            assert (status, printed.strip()) == (1, f"crossbreed: {refused[0]}"), where
        else:
            assert status == 0, f"{where}\n{printed}"
            assert "Job stats:" in printed or "--unlock" in arguments, f"{where}\n{printed}"
