"""Architectures as plain torch modules.

A model is an `nn.Module` class without batch statistics, called with images of shape [B, height,
width], float32 in 0..1, that returns one score per class, shape [B, classes]. It may name its
hidden layers (`hidden_layers`), which aligned merging and unit-wise crossover need.
"""

from __future__ import annotations

from torch import nn

from crossbreed.training.models.architecture import Architecture, Task, check_model
from crossbreed.training.models.convolutional import Convolutional
from crossbreed.training.models.dense import Dense


def build(task: Task) -> nn.Module:
    """Return one network of a task's architecture; engines give it its weights.

    Raises
    ------
    CrossbreedError
        If images are too small for it.
    """
    check_model(task)
    match task.model.name:
        case "dense":
            return Dense(task.image_shape, task.classes, task.model.hidden_widths)
        case "convolutional":
            return Convolutional(task.classes, task.model.channels)


def architecture_of(module: nn.Module) -> Architecture:
    """Return the architecture of a module, which is on the CPU."""
    named = getattr(module, "hidden_layers", None)
    return Architecture(
        {name: parameter.detach().numpy() for name, parameter in module.named_parameters()},
        tuple(named()) if named else (),
    )
