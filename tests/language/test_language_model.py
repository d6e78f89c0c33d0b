"""The network and what it writes."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare
from torch.nn.functional import layer_norm

from crossbreed.errors import CrossbreedError
from crossbreed.language.architecture import initial_weights
from crossbreed.language.evaluation import mean_loss, split_loss
from crossbreed.language.inference import generate, tokens_per_second
from crossbreed.language.text import blocks
from crossbreed.language.transformer import Cache, LanguageModel, load_model
from language_models import random_tokens, sampling, transformer

BLOCK, VOCABULARY = 8, 11
CPU = torch.device("cpu")


def model(seed: int = 1, scale: float = 10.0, **changes: object) -> LanguageModel:
    """Return a network whose weights are large enough that characters matter."""
    torch.set_num_threads(1)
    genes = transformer(**changes)
    weights = {
        name: array if name.endswith("norm.weight") else scale * array
        for name, array in initial_weights(genes, BLOCK, VOCABULARY, seed).items()
    }
    return load_model(genes, weights, CPU)


def read(network: LanguageModel, tokens: np.ndarray) -> torch.Tensor:
    with torch.no_grad():
        logits: torch.Tensor = network(torch.from_numpy(tokens.astype(np.int64)))
    return logits


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 100), st.integers(1, BLOCK - 1))
def test_the_future_changes_nothing_and_the_past_does(seed: int, place: int) -> None:
    network = model()
    tokens = random_tokens(BLOCK, VOCABULARY, seed)[None]
    changed = tokens.copy()
    changed[0, place] = (changed[0, place] + 1) % VOCABULARY
    before, after = read(network, tokens), read(network, changed)
    assert torch.equal(before[0, :place], after[0, :place])
    assert (abs(before - after)[0, place:].max(dim=1).values > 1e-4).all()


def test_logits_are_those_of_the_textbook() -> None:
    network = model(layers=1)
    tokens = random_tokens(BLOCK, VOCABULARY)
    w = {name: p.detach().double().numpy() for name, p in network.named_parameters()}

    def norm(x: np.ndarray, name: str) -> np.ndarray:
        got: np.ndarray = layer_norm(
            torch.from_numpy(x), [16], torch.from_numpy(w[f"{name}.weight"]), None, 1e-5
        ).numpy()
        return got

    x = w["characters.weight"][tokens] + w["positions.weight"]
    queries, keys, values = np.split(
        norm(x, "blocks.0.attention_norm") @ w["blocks.0.attention.inputs.weight"].T, 3, axis=1
    )
    heads = []
    for head in (slice(0, 8), slice(8, 16)):
        scores = queries[:, head] @ keys[:, head].T / math.sqrt(8)
        scores[np.triu_indices(BLOCK, 1)] = -np.inf
        shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        heads.append(shares @ values[:, head])
    x = x + np.hstack(heads) @ w["blocks.0.attention.output.weight"].T
    inner = norm(x, "blocks.0.feed_forward_norm") @ w["blocks.0.feed_forward.inputs.weight"].T
    gelu = inner * np.vectorize(lambda z: (1 + math.erf(z / math.sqrt(2))) / 2)(inner)
    x = x + gelu @ w["blocks.0.feed_forward.output.weight"].T
    expected = norm(x, "norm") @ w["characters.weight"].T
    np.testing.assert_allclose(read(network, tokens[None])[0], expected, atol=1e-4)


@pytest.mark.parametrize("length", [2, 9, 10, 50])
def test_loss_over_a_whole_text_predicts_each_character_but_the_first_once(length: int) -> None:
    network = model()
    tokens = random_tokens(length, VOCABULARY)
    losses = []
    for start in range(0, length - 1, BLOCK):
        inputs = tokens[start : min(start + BLOCK, length - 1)]
        logs = torch.log_softmax(read(network, inputs[None])[0].double(), dim=1)
        losses += [-float(logs[i, tokens[start + i + 1]]) for i in range(len(inputs))]
    assert len(losses) == length - 1
    for sample in (None, length // BLOCK + 1):
        whole = split_loss(network, tokens, 3, sample)
        assert whole.mean == pytest.approx(np.mean(losses), abs=1e-5)
        assert whole.error == 0


def block_losses(network: LanguageModel, tokens: np.ndarray) -> np.ndarray:
    """Return the mean loss of each whole block, one read by itself after the other."""
    means = []
    for start in range(0, len(tokens) - BLOCK, BLOCK):
        logs = torch.log_softmax(read(network, tokens[None, start : start + BLOCK])[0].double(), 1)
        targets = tokens[start + 1 : start + BLOCK + 1]
        means.append(-np.mean([float(logs[i, target]) for i, target in enumerate(targets)]))
    return np.array(means)


@pytest.mark.parametrize("sample", [2, 3, 7, 12])
def test_loss_of_a_sample_is_that_of_evenly_spaced_blocks(sample: int) -> None:
    network = model()
    tokens = random_tokens(13 * BLOCK + 5, VOCABULARY)
    losses = block_losses(network, tokens)
    assert len(losses) == 13
    chosen = losses[[number * 13 // sample for number in range(sample)]]
    expected = (chosen.mean(), chosen.std(ddof=1) / np.sqrt(sample))
    assert split_loss(network, tokens, 5, sample) == pytest.approx(expected, abs=1e-5)


def test_error_of_a_sample_is_how_far_it_lies_off_and_shrinks_with_its_root() -> None:
    network = model()
    off: dict[int, list[float]] = {20: [], 80: []}
    errors: dict[int, list[float]] = {20: [], 80: []}
    for seed in range(40):
        tokens = random_tokens(400 * BLOCK + 1, VOCABULARY, seed)
        whole = split_loss(network, tokens, 100, None).mean
        for sample in off:
            got = split_loss(network, tokens, 100, sample)
            # A sample of a finite text lies off by less: the blocks that were read are no error.
            off[sample].append((got.mean - whole) / np.sqrt(1 - sample / 400))
            errors[sample].append(got.error)
    assert np.mean(errors[20]) / np.mean(errors[80]) == pytest.approx(2, rel=0.1)
    for sample in off:
        # The deviation of 40 numbers is known to a ninth of itself.
        ratio = np.sqrt(np.mean(np.square(off[sample]))) / np.mean(errors[sample])
        assert abs(ratio - 1) < 4 / np.sqrt(2 * 40)


def test_dropout_is_off_in_evaluation() -> None:
    tokens = random_tokens(100, VOCABULARY)
    network = model(dropout=0.5)
    batch = blocks(tokens, np.arange(5), BLOCK)
    assert mean_loss(network.train(), [batch]) == mean_loss(model(), [batch])


@settings(deadline=None, max_examples=20)
@given(
    st.lists(st.integers(1, BLOCK), min_size=1, max_size=BLOCK).filter(lambda x: sum(x) <= BLOCK)
)
def test_cache_gives_the_logits_of_reading_at_once(parts: list[int]) -> None:
    network = model()
    tokens = random_tokens(sum(parts), VOCABULARY)[None]
    cache, logits, start = Cache(), [], 0
    with torch.no_grad():
        for part in parts:
            piece = torch.from_numpy(tokens[:, start : start + part].astype(np.int64))
            logits.append(network(piece, cache))
            start += part
    torch.testing.assert_close(torch.cat(logits, 1), read(network, tokens), atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("prompt", [1, BLOCK, BLOCK + 5])
def test_cached_and_uncached_write_the_same_past_the_block(prompt: int) -> None:
    network = model()
    start = random_tokens(prompt, VOCABULARY)
    written = [
        generate(network, start, 5 * BLOCK, sampling(), 7, cached=cached, sample=sample)
        for sample in (0, 1)
        for cached in (False, True)
    ]
    assert written[0].dtype == np.uint8
    assert len(written[0]) == 5 * BLOCK
    np.testing.assert_array_equal(written[0], written[1])
    np.testing.assert_array_equal(written[2], written[3])
    assert (written[0] != written[2]).any()


def test_of_one_likeliest_character_the_likeliest_is_written() -> None:
    network = model()
    text = [3]
    for _ in range(3 * BLOCK):
        text.append(int(read(network, np.array([text[-BLOCK:]]))[0, -1].argmax()))
    likeliest = sampling(top_k=1)
    written = generate(network, np.array([3], np.uint8), 3 * BLOCK, likeliest, 1, cached=True)
    assert written.tolist() == text[1:]


def test_characters_are_drawn_as_often_as_their_softmax_says() -> None:
    network = model(scale=3.0)
    prompt = np.array([2, 5], np.uint8)
    chosen = sampling(temperature=0.5, top_k=4)
    logits = read(network, prompt[None])[0, -1].double().numpy() / 0.5
    top = np.argsort(logits)[-4:]
    expected = np.exp(logits[top]) / np.exp(logits[top]).sum()
    drawn = [
        int(generate(network, prompt, 1, chosen, 1, cached=False, sample=sample)[0])
        for sample in range(1500)
    ]
    counts = [drawn.count(int(character)) for character in top]
    assert sum(counts) == 1500
    assert expected.max() - expected.min() > 0.05
    assert chisquare(counts, 1500 * expected).pvalue > 1e-4


def test_speed_is_measured_of_both_ways() -> None:
    speed = tokens_per_second(model(), random_tokens(1, VOCABULARY), sampling(), seed=1)
    assert 0 < speed.uncached < np.inf
    assert 0 < speed.cached < np.inf


def test_weights_of_another_architecture_are_refused() -> None:
    weights = initial_weights(transformer(), BLOCK, VOCABULARY, 1)
    with pytest.raises(CrossbreedError, match="not the architecture's") as caught:
        load_model(transformer(layers=3), weights, CPU)
    assert "\n" not in str(caught.value)
