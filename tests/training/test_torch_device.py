from __future__ import annotations

import pytest
import torch

from crossbreed.errors import CrossbreedError
from crossbreed.training.torch_device import choose_device


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_missing_gpu_is_named() -> None:
    assert choose_device("auto", "language.device").type == "cpu"
    with pytest.raises(CrossbreedError, match=r"language\.device = 'cuda': .* no GPU"):
        choose_device("cuda", "language.device")
