"""Changes of a study as a user gives them to `snakemake --config`."""

from __future__ import annotations

from typing import Any

from repository import CONFIG

PRESETS = sorted(path.stem for path in (CONFIG / "preset").glob("*.yaml"))


def event(at: float = 0.5, **changes: Any) -> dict[str, Any]:
    """Return a valid event, but for the changes: the mean of the best two."""
    select, merge = {"rule": "top", "count": 2}, {"rule": "mean"}
    return {"at": at, "select": select, "merge": merge} | changes


def arms(**events: list[Any]) -> dict[str, Any]:
    """Return the changes that define some arms, given by their events, and run them."""
    defined = {name: {"label": name, "events": listed} for name, listed in events.items()}
    return {"arms": ["baseline", *events], "arm": defined}


def mode(gender: dict[str, Any] | None = None, **search: Any) -> dict[str, Any]:
    """Return the changes that define the mode `mine`, given by its search, and run it."""
    defined = {"mine": {"label": "mine", "search": search}}
    return {"mode": defined, "gender": {"modes": ["baseline", "mine"]} | (gender or {})}
