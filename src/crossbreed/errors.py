"""The one exception whose message is meant for the user."""


class CrossbreedError(Exception):
    """Something the user can mend; the message says what, in one line."""
