"""The language model: a GPT in the manner of nanoGPT, without biases.

Each layer adds to a stream of shape [batch, length, width] first what attention makes of the
characters so far, then what a feed-forward network makes of it (Vaswani et al. 2017,
arXiv:1706.03762). Layers normalise what they read, not what they add (pre-norm: Xiong et al. 2020,
arXiv:2002.04745), and the output layer shares the weights of the characters' embedding (Press and
Wolf 2017, arXiv:1608.05859).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import gelu, linear, scaled_dot_product_attention

from crossbreed.config.language import Transformer
from crossbreed.errors import CrossbreedError


class Cache:
    """Keys and values of what a model has read, so that only the next characters need be read.

    It holds at most a block. A longer text is cropped to its last block, which gives every
    character another position: then nothing that was cached is of use.
    """

    def __init__(self) -> None:
        self.length = 0
        # Of each layer: twice [batch, heads, length, width / heads].
        self._layers: dict[int, tuple[Tensor, Tensor]] = {}

    def extend(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Add a layer's keys and values of the next characters and return all."""
        if layer in self._layers:
            before = self._layers[layer]
            keys, values = torch.cat([before[0], keys], 2), torch.cat([before[1], values], 2)
        self._layers[layer] = keys, values
        return keys, values


class Attention(nn.Module):
    """Causal self-attention of several heads."""

    def __init__(self, transformer: Transformer, layer: int) -> None:
        super().__init__()
        self.layer = layer
        self.heads = transformer.heads
        self.inputs = nn.Linear(transformer.width, 3 * transformer.width, bias=False)
        self.output = nn.Linear(transformer.width, transformer.width, bias=False)
        self.dropout = nn.Dropout(transformer.dropout)

    def forward(self, stream: Tensor, cache: Cache | None) -> Tensor:
        """Return what is to be added to the stream, [batch, length, width] as well."""
        batch, length, width = stream.shape
        # Three times [batch, heads, length, width / heads].
        parts = self.inputs(stream).view(batch, length, 3, self.heads, width // self.heads)
        queries, keys, values = parts.permute(2, 0, 3, 1, 4)
        if cache is not None:
            keys, values = cache.extend(self.layer, keys, values)
        before = keys.shape[2] - length
        # The built-in mask would count a query's place from the first key.
        mask = None
        if before and length > 1:
            ones = torch.ones(length, keys.shape[2], dtype=torch.bool, device=stream.device)
            mask = ones.tril(before)
        attended = scaled_dot_product_attention(
            *(queries, keys, values),
            attn_mask=mask,
            dropout_p=self.dropout.p if self.training else 0.0,
            is_causal=not before,
        )
        joined = attended.transpose(1, 2).reshape(batch, length, width)
        added: Tensor = self.dropout(self.output(joined))
        return added


class FeedForward(nn.Module):
    """Two layers around a GELU, four times as wide in between."""

    def __init__(self, transformer: Transformer) -> None:
        super().__init__()
        self.inputs = nn.Linear(transformer.width, 4 * transformer.width, bias=False)
        self.output = nn.Linear(4 * transformer.width, transformer.width, bias=False)
        self.dropout = nn.Dropout(transformer.dropout)

    def forward(self, stream: Tensor) -> Tensor:
        """Return what is to be added to the stream, [batch, length, width] as well."""
        added: Tensor = self.dropout(self.output(gelu(self.inputs(stream))))
        return added


class Block(nn.Module):
    """One layer."""

    def __init__(self, transformer: Transformer, layer: int) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(transformer.width, bias=False)
        self.attention = Attention(transformer, layer)
        self.feed_forward_norm = nn.LayerNorm(transformer.width, bias=False)
        self.feed_forward = FeedForward(transformer)

    def forward(self, stream: Tensor, cache: Cache | None) -> Tensor:
        """Return the stream after this layer."""
        stream = stream + self.attention(self.attention_norm(stream), cache)
        after: Tensor = stream + self.feed_forward(self.feed_forward_norm(stream))
        return after


class LanguageModel(nn.Module):
    """The network: from characters to the logits of each next character.

    Parameters
    ----------
    transformer
        The architecture.
    block_size
        Characters that it sees at once.
    vocabulary
        How many different characters there are.
    """

    def __init__(self, transformer: Transformer, block_size: int, vocabulary: int) -> None:
        super().__init__()
        self.transformer = transformer
        self.block_size = block_size
        self.characters = nn.Embedding(vocabulary, transformer.width)
        self.positions = nn.Embedding(block_size, transformer.width)
        self.dropout = nn.Dropout(transformer.dropout)
        self.blocks = nn.ModuleList(
            Block(transformer, layer) for layer in range(transformer.layers)
        )
        self.norm = nn.LayerNorm(transformer.width, bias=False)

    def forward(self, tokens: Tensor, cache: Cache | None = None) -> Tensor:
        """Return logits of shape [batch, length, vocabulary].

        Parameters
        ----------
        tokens
            Shape [batch, length], int64; with a cache, those that follow what it holds.
        cache
            What was read before; it then holds `tokens` too. All together at most a block.
        """
        length = tokens.shape[1]
        before = cache.length if cache else 0
        positions = torch.arange(before, before + length, device=tokens.device)
        stream = self.dropout(self.characters(tokens) + self.positions(positions))
        for block in self.blocks:
            stream = block(stream, cache)
        if cache:
            cache.length += length
        return linear(self.norm(stream), self.characters.weight)


def load_model(
    transformer: Transformer, weights: Mapping[str, NDArray[np.float32]], device: torch.device
) -> LanguageModel:
    """Return the model that copies of some weights make, in evaluation mode.

    Weights are named and shaped as in `architecture.parameter_shapes`.

    Raises
    ------
    CrossbreedError
        If the weights are not those of the architecture.
    """
    # Without memory of their own, parameters are not drawn only to be replaced.
    with torch.device("meta"):
        model = LanguageModel(
            transformer,
            *(len(weights[name]) for name in ("positions.weight", "characters.weight")),
        )
    tensors = {name: torch.tensor(array, device=device) for name, array in weights.items()}
    try:
        model.load_state_dict(tensors, assign=True)
    except RuntimeError as error:
        reason = " ".join(str(error).split())
        raise CrossbreedError(f"the weights are not the architecture's: {reason}") from error
    return model.eval()
