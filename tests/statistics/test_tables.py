from __future__ import annotations

from crossbreed.tables import comparison_page
from paired_tables import DECLARED, compared, rows


def test_page_shows_each_arm_with_its_difference() -> None:
    losses = {"baseline": [0.5, 0.4, 0.45], "crossover": [0.55, 0.44, 0.54]}
    comparisons = compared(
        *(
            rows(
                arm,
                epoch,
                best_train_loss=values if epoch == 4 else [1.0] * 3,
                test_loss=[1.0] * 3,
                test_accuracy=[0.8 + (arm == "crossover") * 0.01 * run for run in (1, 2, 3)],
            )
            for arm, values in losses.items()
            for epoch in (2, 4)
        )
    )
    page = comparison_page(comparisons, DECLARED)
    assert "3 runs" in page
    # Ratios 1.1, 1.1 and 1.2: the cube root of their product is 1.1324.
    assert "<td>0.5100</td>\n      <td>0.4500</td>\n      <td>+13.2%</td>" in page
    assert "+2.0 pp" in page
    assert page.index("epoch 4") < page.index("epoch 2")
    assert "Best training loss at epoch 2</h2><p>No arm differs" in page
    assert "Validation loss" not in page
    assert page.count("(primary)") == 1
