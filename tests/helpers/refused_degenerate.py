"""Configurations that leave nothing to compare or to breed, as `refused_values` has others."""

from __future__ import annotations

from typing import Any

from refused_values import arms, each, event, merging

REFUSED_DEGENERATE: dict[str, tuple[dict[Any, Any], dict[str, str]]] = {
    "hidden units of a network without any": (
        {"model": {"hidden_widths": []}}
        | arms(
            a=merging(rule="unit_crossover"),
            b=merging(rule="mean", align_units=True),
            c=[
                *merging(rule="mean"),
                event(0.75, merge={"rule": "spherical", "align_units": True}),
            ],
            d=[event(merge={"rule": "copy"})],
        ),
        each("needs a hidden layer", "arm.a.events.0.merge.rule = 'unit_crossover'")
        | each("needs a hidden layer", "arm.b.events.0.merge.align_units = True")
        | each("needs a hidden layer", "arm.c.events.1.merge.align_units = True"),
    ),
    "one of a kind": (
        {"dataset": {"classes": 1}, "epochs": 1, "gender": {"individuals": 1, "generations": 1}},
        {"dataset.classes = 1": "equal to 2", "epochs = 1": "equal to 2"}
        | {"gender.individuals = 1": "equal to 2", "gender.generations = 1": "equal to 2"},
    ),
}
