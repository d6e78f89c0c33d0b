"""The exceptions whose messages are meant for the user."""


class CrossbreedError(Exception):
    """Something the user can mend; the message says what, in one line."""


class TooFewNetworksError(CrossbreedError):
    """So many networks of a population have diverged that an event cannot take place."""
