"""Schema of what networks are trained on."""

from __future__ import annotations

from typing import Literal

Device = Literal["auto", "cpu", "cuda"]
Precision = Literal["float32", "bfloat16"]
"""Of the products of a training step; weights, optimiser and evaluation are float32 always."""
