"""Draw the figures of the gender study."""

import pandas as pd
from matplotlib.figure import Figure

from crossbreed.figures.style import save_figures
from crossbreed.gender.figures import words
from crossbreed.gender.figures.fitness import COMPARED, fitness_figure, predictions_figure
from crossbreed.gender.figures.genealogy import genealogy, genealogy_figure
from crossbreed.gender.figures.losses import loss_figure
from crossbreed.gender.figures.search_cost import search_cost_figure
from crossbreed.gender.figures.shares import shares_figure
from crossbreed.gender.figures.words import titled
from crossbreed.gender.jobs import PlotGender
from crossbreed.gender.results.search_costs import searching_modes
from crossbreed.jobs.command_line import run_job


def plot_gender(job: PlotGender) -> None:
    """Write all figures to `folder`."""
    save_figures(figures(job), job.folder)


def figures(job: PlotGender) -> dict[str, Figure]:
    """Draw all figures, by the name of their file."""
    individuals, finals = pd.read_csv(job.individuals), pd.read_csv(job.finals)
    curves, predictions = pd.read_csv(job.curves), pd.read_csv(job.predictors)
    labels, confidence = job.labels, job.confidence
    edition = " and ".join(finals["edition"].unique())
    drawn = {
        f"{kind}_loss": loss_figure(
            curves, finals, metric, labels, confidence, titled(title, edition), loss_label
        )
        for kind, metric, title, loss_label in (
            ("training", "train_loss", words.TRAINING_LOSS, words.TRAINING_AXIS),
            ("validation", "validation_loss", words.VALIDATION_LOSS, words.VALIDATION_AXIS),
        )
    }
    shown = _shown(job.main, list(predictions["mode"].unique()))
    relatives = _shown(job.main, searching_modes(individuals, list(labels)))
    if job.by_share is not None:
        by_share = pd.read_csv(job.by_share)
        drawn["shares"] = shares_figure(by_share, job.early, titled(words.SHARES, edition))
    seed = int(individuals["seed"].min())
    whose = f"{labels.get(relatives, relatives)}, seed {seed}"
    return {
        **drawn,
        "fitness": fitness_figure(individuals, labels, titled(words.FITNESS, edition)),
        "predictions": predictions_figure(
            predictions,
            shown,
            COMPARED,
            titled(words.PREDICTIONS, edition, labels.get(shown, shown)),
        ),
        "family_tree": genealogy_figure(
            genealogy(individuals, relatives, seed), titled(words.FAMILY_TREE, edition, whose)
        ),
        "search_cost": search_cost_figure(
            individuals,
            finals,
            labels,
            job.reference,
            confidence,
            titled(words.SEARCH_COST, edition),
        ),
    }


def _shown(main: str, modes: list[str]) -> str:
    """Return the main mode, else the first."""
    return main if main in modes else next(iter(modes), "")


if __name__ == "__main__":
    run_job(PlotGender, plot_gender)
