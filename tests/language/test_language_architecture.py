"""What an architecture amounts to, against formulas written down by hand."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from crossbreed.config.language import Transformer
from crossbreed.language.architecture import (
    flops_per_token,
    initial_weights,
    iterations,
    parameter_count,
    parameter_shapes,
    point_iterations,
    point_tokens,
)
from crossbreed.language.schedule import learning_rate
from crossbreed.language.transformer import LanguageModel
from language_models import training, transformer

sizes = st.builds(
    lambda layers, heads, size: transformer(layers=layers, heads=heads, width=heads * size),
    *(st.integers(1, 4), st.integers(1, 4), st.integers(1, 6)),
)


def test_parameters_of_nanogpts_default_are_counted_right() -> None:
    # 65*384 + 256*384 + 6*(12*384*384 + 2*384) + 384, summed by hand.
    default = transformer(layers=6, heads=6, width=384)
    assert parameter_count(default, 256, 65) == 10_745_088
    # nanoGPT prints 10.65M, without the embeddings of positions.
    assert flops_per_token(default, 256, 65) == 6 * (10_745_088 - 98_304) + 12 * 6 * 384 * 256


@settings(deadline=None, max_examples=30)
@given(sizes, st.integers(1, 20), st.integers(1, 70))
def test_shapes_are_those_of_the_model(architecture: Transformer, block: int, size: int) -> None:
    model = LanguageModel(architecture, block, size)
    shapes = parameter_shapes(architecture, block, size)
    assert shapes == {name: tuple(p.shape) for name, p in model.named_parameters()}
    assert set(shapes) == set(model.state_dict())
    layers, width = architecture.layers, architecture.width
    by_hand = (size + block) * width + layers * (12 * width**2 + 2 * width) + width
    assert parameter_count(architecture, block, size) == by_hand


def test_initial_weights_have_the_deviations_of_gpt_2() -> None:
    layers = 8
    weights = initial_weights(transformer(layers=layers, width=64), 32, 65, seed=3)
    for name, array in weights.items():
        assert array.dtype == np.float32
        if name.endswith("norm.weight"):
            assert (array == 1).all()
            continue
        residual = name.endswith(("attention.output.weight", "feed_forward.output.weight"))
        expected = 0.02 / math.sqrt(2 * layers) if residual else 0.02
        # Five standard errors of a deviation's estimate.
        assert abs(array.std() / expected - 1) < 5 / math.sqrt(2 * array.size)
        assert abs(array.mean()) < 5 * expected / math.sqrt(array.size)


def test_initial_weights_depend_on_the_seed_alone_and_no_two_are_alike() -> None:
    first, again, second = (initial_weights(transformer(), 8, 10, seed) for seed in (1, 1, 2))
    for name, array in first.items():
        np.testing.assert_array_equal(array, again[name])
        if not name.endswith("norm.weight"):
            assert not np.intersect1d(array, second[name]).size
    drawn = np.concatenate([a.ravel() for n, a in first.items() if not n.endswith("norm.weight")])
    # Of 7,000 numbers of 24 bits, a few may coincide.
    assert len(np.unique(drawn)) > 0.99 * len(drawn)


@settings(deadline=None, max_examples=100)
@given(st.integers(1, 10**6), st.integers(1, 40), st.integers(1, 60), st.integers(1, 30))
def test_points_are_spread_over_all_iterations(
    tokens: int, batch: int, block: int, points: int
) -> None:
    settings_ = training(tokens=tokens, block_size=block, points=points, evaluations=1)
    total = iterations(settings_, batch)
    assert (total - 1) * batch * block < tokens <= total * batch * block
    assume(total >= points)
    ends = point_iterations(settings_, batch)
    assert (ends[0], ends[-1], len(ends)) == (0, total, points + 1)
    assert (np.diff(ends) > 0).all()
    # Even to within half an iteration at each end.
    assert abs(np.diff(ends) - total / points).max() <= 1
    np.testing.assert_array_equal(point_tokens(settings_, batch), ends * batch * block)


def test_learning_rate_at_the_corners_of_its_schedule() -> None:
    # 100 iterations, of which 10 warm up.
    settings_ = training(tokens=100 * 4 * 8, warmup=0.1, final_learning_rate=0.2)
    genes = transformer(learning_rate=0.5, batch_size=4)
    expected = {
        **{0: 0.5 / 11, 9: 0.5 * 10 / 11},  # a line that would reach 0.5 at 10
        10: 0.5,  # the highest
        55: (0.5 + 0.1) / 2,  # half way down
        40: 0.1 + 0.75 * 0.4,  # a third of the way: cos(60 degrees) = 1/2
        **{100: 0.1, 101: 0.1},  # the lowest
    }
    for iteration, rate in expected.items():
        assert learning_rate(genes, settings_, iteration) == pytest.approx(rate, rel=1e-12)


def test_architecture_needs_no_torch() -> None:
    code = "import sys; import crossbreed.language.architecture; print('torch' in sys.modules)"
    finished = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert finished.stdout == "False\n"
