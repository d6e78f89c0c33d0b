"""Language models of characters: the network, its training, its text, its inference."""
