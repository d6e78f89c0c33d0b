"""Plays as Project Gutenberg prints them are brought into the form of tinyshakespeare."""

from __future__ import annotations

import pytest

from crossbreed.data.gutenberg import bring_into_form

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


def test_names_in_small_letters_are_told_from_short_speeches() -> None:
    play = "ACT I.\n\nNurse.\nA.\n\nLady  Capulet.\nB.\n\nLady Capulet\nC.\nNurse.\n\nNurse. D."
    assert bring_into_form([play]) == (
        "Nurse:\nA.\n\nLady Capulet:\nB.\n\nLady Capulet:\nC.\nNurse.\n\nNurse:\nD.\n"
    )


@pytest.mark.parametrize(
    ("play", "message"),
    [
        ("SLY.\nI'll pheeze you.", "a play has no line that begins with ACT"),
        ("ACT I.\n\nwho's there?", "a play's first speech has no speaker: \"who's there\\?\""),
    ],
)
def test_what_is_no_play_is_refused(play: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        bring_into_form([play])
