"""Plays as Project Gutenberg prints them are brought into the form of tinyshakespeare."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossbreed.data.gutenberg import Speech, bring_into_form, speeches
from crossbreed.errors import CrossbreedError

PLAY = """\
THE TEMPTER

by William Shakespeare


DRAMATIS PERSONAE

ACTON, a gentleman.
First Citizen.

SCENE: Verona [in part]

INDUCTION.

SCENE I. Before an alehouse on the heath of the
Volscians.

[Enter SLY, with a long
train.]

SLY.
I'll pheeze you,  in faith.
  [Drinks.] The more fool you. \x20

[A sennet. Enter the Senators, who

take their places.]

Nay, keep your place.

ACT I.

Scene II. A street.

1 CITIZEN.
[Aside.] He said "Ay, (they say) no," and _laugh'd_.

FIRST and SECOND CITIZEN.
Speak, speak.

GHOST OF RIVERS. Despair, and die!

SLY
Farewell.
1 CITIZEN.
Farewell.

[Enter SLY

SLY. {Sits.] Ay.

[They join]
with the Nymphs in a dance; towards the
end they vanish.]

SLY.
[Sings.]

[Exeunt.]"""

FORMED = """\
Sly:
I'll pheeze you, in faith.
The more fool you.
Nay, keep your place.

First Citizen:
He said 'Ay, they say no,' and laugh'd.

First and Second Citizen:
Speak, speak.

Ghost of Rivers:
Despair, and die!

Sly:
Farewell.

First Citizen:
Farewell.

Sly:
Ay.
"""


def test_play_is_brought_into_form() -> None:
    assert bring_into_form([PLAY]) == FORMED


def test_plays_follow_each_other_like_speeches() -> None:
    assert bring_into_form([PLAY, PLAY]) == f"{FORMED}\n{FORMED}"


def test_ends_of_lines_do_not_matter() -> None:
    assert bring_into_form([PLAY.replace("\n", "\r\n")]) == FORMED


def test_names_in_small_letters_are_told_from_short_speeches() -> None:
    play = "ACT I.\n\nNurse.\nA.\n\nLady  Capulet.\nB.\n\nLady Capulet\nC.\nNurse.\n\nNurse. D."
    assert speeches(play) == [
        Speech("Nurse", ["A."]),
        Speech("Lady Capulet", ["B."]),
        Speech("Lady Capulet", ["C.", "Nurse."]),
        Speech("Nurse", ["D."]),
    ]


@pytest.mark.parametrize(
    ("play", "message"),
    [
        ("SLY.\nI'll pheeze you.", "a play has no line that begins with ACT"),
        ("ACT I.\n\nwho's there?", "a play's first speech has no speaker: \"who's there\\?\""),
    ],
)
def test_what_is_no_play_is_refused(play: str, message: str) -> None:
    with pytest.raises(CrossbreedError, match=f"^{message}$"):
        bring_into_form([play])


WORDS = st.lists(st.sampled_from(["thou", "art", "'tis", "o'clock,", "well:--"]), min_size=1)
LINES = st.lists(WORDS.map(" ".join), min_size=1, max_size=4)
SPEAKERS = st.sampled_from(["Hamlet", "First Clown", "Ghost of Grey", "Sly and Page"])
DIRECTIONS = st.sampled_from(["", "[Exit.]\n\n", "[Enter GHOST,\nwith\n\nothers.]\n\n"])


@given(st.lists(st.builds(Speech, SPEAKERS, LINES), min_size=1, max_size=6), st.data())
def test_speeches_are_found_again(spoken: list[Speech], data: st.DataObject) -> None:
    printed = "ACT II.\n\nScene 3. A heath.\n\n" + "".join(
        f"{speaker.upper().replace('FIRST', '1')}.\n"
        + "".join(f"{data.draw(DIRECTIONS)}  {line}\n" for line in lines)
        + "\n"
        for speaker, lines in spoken
    )
    assert speeches(printed) == spoken
