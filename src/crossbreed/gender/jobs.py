"""Parameters of the gender study's jobs."""

from __future__ import annotations

from pathlib import Path

from crossbreed.config.base import Count, Fraction, Name, Text, Whole
from crossbreed.config.gender import (
    Evolution,
    ModeContrast,
    PredictorSpace,
    Search,
    SearchSpace,
)
from crossbreed.config.language import LanguageTraining, Sampling, Transformer
from crossbreed.config.published import Published
from crossbreed.config.schema import SaveEvery
from crossbreed.jobs.job import MISSING, Job
from crossbreed.search.layout import CellRows, Finals, GenerationFiles, Searches


class InitPopulation(Job):
    """Draw the first generation, which all searches with one search seed share."""

    individuals: Count
    space: SearchSpace
    predictor: PredictorSpace
    seed: Whole
    search_seed: Count
    """Which repetition of the searches."""
    target: Path = MISSING
    """Individuals to write (YAML)."""


class NextGeneration(Job):
    """Rank a search's last generation, mate its best, and write the next generation."""

    evolution: Evolution
    search: Search
    seed: Whole
    search_seed: Count
    """Which repetition of the searches."""
    history: list[GenerationFiles]
    """The generations so far, from the first."""
    target: Path = MISSING
    """Individuals to write (YAML)."""


class TrainIndividuals(Job):
    """Train some individuals of a generation: early, or the selected ones to the end."""

    language: LanguageTraining
    early: Fraction
    """Share of the training that counts as early."""
    finish: bool
    """Whether to train to the end."""
    seed: Whole
    search_seed: Count
    """Which repetition of the searches."""
    first: Whole
    """Position, from 0, of the first individual to train among those that are trained."""
    count: Count
    """How many to train."""
    store: Path = MISSING
    """Where trainings are kept, for all individuals with the same network."""
    save_every: SaveEvery = MISSING
    threads: Count = MISSING
    """CPU threads; another number may change the last digits."""
    text: Path = MISSING
    """File made by prepare_text.py."""
    individuals: Path = MISSING
    """The generation (YAML)."""
    chosen: Path | None = MISSING
    """Who is trained (YAML); null: all."""
    trials: Path = MISSING
    """What they have shown, to write (JSON)."""
    seconds: Path = MISSING
    """How long it took, to write (JSON)."""


class TrainCells(Job):
    """Train some architectures of a table to the end, and measure them."""

    language: LanguageTraining
    sampling: Sampling
    seed: Whole
    table_seed: Count
    """Which training of each architecture."""
    cells: list[Transformer]
    """The architectures."""
    store: Path = MISSING
    """Where rows and trainings are kept until all are done."""
    save_every: SaveEvery = MISSING
    threads: Count = MISSING
    """CPU threads; another number may change the last digits."""
    text: Path = MISSING
    """File made by prepare_text.py."""
    known: Path | None = MISSING
    """A table whose rows are taken where their settings are the same (CSV)."""
    rows: Path = MISSING
    """A row for each architecture, to write (CSV)."""


class GatherTable(Job):
    """Gather all rows into the table."""

    rows: CellRows
    """Files of rows."""
    table: Path = MISSING
    """The table to write (compressed CSV)."""


class Replay(Job):
    """Run every search of every seed on a table, and measure the winners by it."""

    language: LanguageTraining
    evolutions: dict[Name, Evolution]
    """By mode, what decides who breeds."""
    searches: dict[Name, Search]
    """The modes that search."""
    unsearched: list[Name]
    """The modes that do not."""
    generations: Count
    """Generations of a search."""
    seeds: Count
    """Repetitions of every search."""
    baseline: Transformer
    """The default architecture."""
    seed: Whole
    table: Path = MISSING
    """The table (CSV)."""
    individuals: Path = MISSING
    """Table of all individuals to write (CSV)."""
    results: Path = MISSING
    """Table of the winners' losses and speeds to write (CSV)."""
    curves: Path = MISSING
    """Learning curves of the winners to write (CSV)."""


class EvaluateTable(Job):
    """Test the assumptions on early speed and on predictors over a table."""

    language: LanguageTraining
    evolution: Evolution
    shares: list[float]
    """Shares of a training after which predictors are compared."""
    seed: Whole
    confidence: Fraction
    """Level of the intervals."""
    table: Path = MISSING
    """The table (CSV)."""
    individuals: Path = MISSING
    """All individuals of all searches (CSV)."""
    evidence: Path = MISSING
    """Rank correlations and regrets to write (CSV)."""
    predictors: Path = MISSING
    """What each predictor predicted of each architecture, to write (CSV)."""
    by_share: Path = MISSING
    """How predictors rank after shares of the training, to write (CSV)."""


class SelectSurvivors(Job):
    """Select whom of a generation to train to the end."""

    evolution: Evolution
    search: Search
    seed: Whole
    search_seed: Count
    """Which repetition of the searches."""
    newest: GenerationFiles
    """The generation, trained early."""
    history: list[GenerationFiles]
    """The generations before, from the first."""
    target: Path = MISSING
    """Selection to write (YAML)."""


class PickWinner(Job):
    """Name the architecture that a search has come to."""

    baseline: Transformer
    """The default architecture, where there was no search."""
    history: list[GenerationFiles]
    """The search's generations; none: there was no search."""
    target: Path = MISSING
    """The winner, to write (YAML)."""


class TrainWinner(Job):
    """Train a search's winner anew, with another seed, and measure it."""

    language: LanguageTraining
    sampling: Sampling
    mode: Name
    seed: Whole
    search_seed: Count
    """Which repetition of the searches."""
    repeat: Count
    """Which training of the winner."""
    save_every: SaveEvery = MISSING
    threads: Count = MISSING
    """CPU threads; another number may change the last digits."""
    text: Path = MISSING
    """File made by prepare_text.py."""
    winner: Path = MISSING
    """The architecture (YAML)."""
    result: Path = MISSING
    """Losses to write (JSON)."""
    speed: Path = MISSING
    """Seconds and inference speed to write (JSON)."""
    curve: Path = MISSING
    """Learning curve to write (CSV)."""
    network: Path = MISSING
    """The weights with the lowest validation loss, to write (safetensors)."""


class Gather(Job):
    """Gather all individuals of all searches, and all trainings of their winners, into tables."""

    evolution: Evolution
    own_founders: list[Name]
    """Modes whose founders are their own."""
    searches: Searches
    """Files of the searches."""
    finals: Finals
    """Files of the winners' trainings."""
    individuals: Path = MISSING
    """Table to write (CSV)."""
    results: Path = MISSING
    """Table of the winners' losses and speeds to write (CSV)."""
    curves: Path = MISSING
    """Learning curves of the winners to write (CSV)."""


class EvaluatePredictors(Job):
    """Test the assumptions on early speed and on evolved predictors."""

    evolution: Evolution
    seed: Whole
    searches: Searches
    """Files of the searches."""
    confidence: Fraction
    """Level of the intervals."""
    evidence: Path = MISSING
    """Rank correlations and regrets to write (CSV)."""
    predictors: Path = MISSING
    """What each predictor predicted of each architecture, to write (CSV)."""


class TabulateModes(Job):
    """Compare the modes of the gender study, with each other and with the paper's numbers."""

    labels: dict[Name, Text]
    """Each mode's name for readers."""
    confidence: Fraction
    """Level of the intervals."""
    paper: Published
    """The paper's numbers."""
    reference: Name
    """The mode that every other is compared with."""
    main: Name
    """The mode whose predictors are shown."""
    contrasts: list[ModeContrast]
    """Further comparisons."""
    language: LanguageTraining
    seed: Whole
    trained: Path | None = MISSING
    """The table in which searches looked trainings up (CSV); null: they trained for themselves."""
    by_share: Path | None = MISSING
    """How predictors rank after shares of the training (CSV); null: there is no table."""
    individuals: Path = MISSING
    """All individuals (CSV)."""
    finals: Path = MISSING
    """All trainings of winners (CSV)."""
    evidence: Path = MISSING
    """Rank correlations and regrets (CSV)."""
    predictors: Path = MISSING
    """What each predictor predicted of each architecture (CSV)."""
    table: Path = MISSING
    """A row for each mode, to write (CSV)."""
    differences: Path = MISSING
    """Differences and effects to write (CSV)."""
    published: Path = MISSING
    """Published differences to write (CSV)."""
    winners: Path = MISSING
    """The winners' architectures, to write (CSV)."""
    summary: Path = MISSING
    """The answer in words, to write (text)."""


class PlotGender(Job):
    """Draw the figures of the gender study."""

    labels: dict[Name, Text]
    """Each mode's name for readers."""
    reference: Name
    """The mode that every other is compared with."""
    main: Name
    """The mode whose predictors and genealogy are shown."""
    early: Fraction
    """Share of the training after which searches select."""
    confidence: Fraction
    """Level of the bands."""
    folder: Path = MISSING
    """Where to write the figures, each as SVG and PNG."""
    individuals: Path = MISSING
    """All individuals (CSV)."""
    finals: Path = MISSING
    """All trainings of winners (CSV)."""
    curves: Path = MISSING
    """Learning curves of the winners (CSV)."""
    predictors: Path = MISSING
    """What each predictor predicted of each architecture (CSV)."""
    by_share: Path | None = MISSING
    """How predictors rank after shares of the training (CSV); null: there is no table."""
