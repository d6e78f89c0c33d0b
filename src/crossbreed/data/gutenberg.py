"""Bring plays as Project Gutenberg prints them into the form of tinyshakespeare.

That form is a speaker's name with a colon on a line of its own, the lines of the speech below it,
and an empty line before the next speaker; nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_BODY = re.compile(r"^(?:ACT|INDUCTION|THE PROLOGUE|PROLOGUE)\b", re.MULTILINE)
_HEADING = re.compile(
    r"(?:act|scene) [IVX0-9]+\b.*|(?:THE )?(?:INDUCTION|PROLOGUE|EPILOGUE|SONG)\.?", re.IGNORECASE
)
# Possibly several paragraphs.
_DIRECTION = re.compile(r"[\[{][^\[\]{}]*\]")
# One that lacks a bracket goes to the end, or comes from the beginning, of its paragraph.
_HALF_DIRECTION = re.compile(r"\[.*|.*\]", re.DOTALL)
# "FIRST SOLDIER", "1 Citizen", "FIRST and SECOND SERVANT", "VOLUMNIA, VIRGILIA"
_WORD = "[A-Z][A-Za-z]*"
_NAME = rf"(?:[1-9] )?{_WORD}(?:,? (?:(?:and|of) )?{_WORD})*"
_ALONE = re.compile(rf"({_NAME})\.")
_BEFORE_SPEECH = re.compile(rf"({_NAME})\.(.+)")
_ORDINALS = {"1": "First", "2": "Second", "3": "Third"}
# Quotes as tinyshakespeare has them, and no marks that it lacks.
_MARKS = str.maketrans('"', "'", "()_/")


def bring_into_form(plays: Iterable[str]) -> str:
    """Return plays as one text in the form of tinyshakespeare.

    What follows a stage direction without a new name belongs to the speech before it.

    Parameters
    ----------
    plays
        Each as Project Gutenberg prints it, in the edition that puts a speaker's name with a full
        stop on its own line and stage directions in brackets.

    Raises
    ------
    ValueError
        If a play has no acts, or somebody speaks who is not named.
    """
    speeches = [speech for play in plays for speech in _speeches(play)]
    return "\n".join(
        f"{_title_case(speaker)}:\n" + "".join(f"{line}\n" for line in lines)
        for speaker, lines in speeches
        if lines
    )


def _speeches(play: str) -> list[tuple[str, list[str]]]:
    """Return each speaker with the lines of a speech, which may be none."""
    start = _BODY.search(play)
    if start is None:
        raise ValueError("a play has no line that begins with ACT")
    paragraphs = [
        lines for lines in _paragraphs(play[start.start() :]) if not _HEADING.fullmatch(lines[0])
    ]
    speakers = {alone[1] for first, *_ in paragraphs if (alone := _ALONE.fullmatch(first))}
    speeches: list[tuple[str, list[str]]] = []
    for paragraph in paragraphs:
        for position, line in enumerate(paragraph):
            speaker, speech = _opening(line, speakers, first=position == 0)
            if speaker:
                speeches.append((speaker, []))
            elif not speeches:
                raise ValueError(f"a play's first speech has no speaker: {line!r}")
            if speech:
                speeches[-1][1].append(speech)
    return speeches


def _paragraphs(text: str) -> Iterator[list[str]]:
    """Yield the lines of each paragraph of speech, stage directions removed."""
    for paragraph in re.split(r"\n(?:[ \t]*\n)+", _DIRECTION.sub("", text)):
        spoken = _HALF_DIRECTION.sub("", paragraph).translate(_MARKS).split("\n")
        lines = [" ".join(line.split()) for line in spoken]
        if any(lines):
            yield [line for line in lines if line]


def _opening(line: str, speakers: set[str], *, first: bool) -> tuple[str, str]:
    """Split a line into the name of who speaks from here on, if it has one, and speech."""
    alone = _ALONE.fullmatch(line)
    if alone and (first or (alone[1].isupper() and alone[1] in speakers)):
        return alone[1], ""
    if first and line in speakers:
        return line, ""
    before = _BEFORE_SPEECH.fullmatch(line) if first else None
    if before and (before[1].isupper() or before[1] in speakers):
        return before[1], before[2].strip()
    return "", line


def _title_case(name: str) -> str:
    words = (_ORDINALS.get(word, word.capitalize()) for word in name.split())
    return " ".join(words).replace(" And ", " and ").replace(" Of ", " of ")
