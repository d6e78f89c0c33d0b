"""Titles and labels of the gender study's figures."""

from __future__ import annotations

TRAINING_LOSS = "Training loss of the winners"
VALIDATION_LOSS = "Validation loss of the winners"
FITNESS = "Fitness of both sexes over the generations"
PREDICTIONS = "What predictors predict of unseen architectures"
FAMILY_TREE = "Ancestors of the winner"
SEARCH_COST = "The best architecture found, against the cost of the search"
SHARES = "From which share of a training on predictors tell its end"

CHARACTERS = "characters seen"
LOSS = "nats per character"
TRAINING_AXIS = f"loss on training batches, dropout on ({LOSS})"
VALIDATION_AXIS = f"estimated loss, dropout off ({LOSS})"
GENERATION = "generation"
SPEED_AXIS = "males: early learning speed"
TAU_AXIS = "females: Kendall's tau with the final losses"
HELD_OUT_LOSS = "validation loss of other trainings of the best so far"
FINAL_LOSS = f"final loss ({LOSS})"
PREDICTED_AXIS = "predicted rank (0 the best)"
NONE_UNSEEN = "no architectures that the search has not seen"
NUMBER = "number within the generation"
SEARCH_TOKENS = "characters seen by all networks of the search"
SEARCH_FLOPS = "floating point operations of the search"
SHARE_AXIS = "share of the training that was seen"
SHARE_TAU_AXIS = "Kendall's tau with the final losses"
REGRET_AXIS = f"regret of the predicted best ({LOSS})"
MALE, FEMALE = "male", "female"
PARENTS = {"father": "from the father, or the only parent", "mother": "from the mother"}
FINISHED = "filled: trained to the end"
WINNER = "winner"


def titled(title: str, edition: str, detail: str = "") -> str:
    """Return a figure's title with what it is about and the edition of the text."""
    return f"{title}{f', {detail}' if detail else ''}\n{edition}"
