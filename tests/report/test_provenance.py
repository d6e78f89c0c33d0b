"""What is written down of the machine that made results."""

from __future__ import annotations

from crossbreed.provenance import processor

CORE = """processor\t: {number}
vendor_id\t: AuthenticAMD
cpu family\t: 25
model\t\t: {model}
model name\t: AMD EPYC
stepping\t: 1

"""


def test_processors_of_one_name_are_told_apart() -> None:
    older = "".join(CORE.format(number=number, model=1) for number in (0, 1))
    assert processor(older) == "AMD EPYC (family 25, model 1, stepping 1)"
    newer = CORE.format(number=0, model=17)
    assert processor(newer) == "AMD EPYC (family 25, model 17, stepping 1)"


def test_what_is_not_told_is_left_out() -> None:
    assert processor("model name\t: some: processor\n") == "some: processor"
    # As on ARM, where processors have no name there.
    assert processor("processor\t: 0\nBogoMIPS\t: 50.00\n") == ""
    assert processor("") == ""
