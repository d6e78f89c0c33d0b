"""Download a file."""

from __future__ import annotations

import requests

TIMEOUT_SECONDS = 30
TRIES = 2


class UnavailableError(Exception):
    """A source does not have the file; the message says why."""


def download(url: str) -> bytes:
    """Return the content at an address, yet to be verified.

    Raises
    ------
    UnavailableError
        If the server does not have it or cannot be reached.
    OSError, ValueError
        If certificates cannot be read, or the address or the proxy's is none.
    """
    for tries_left in reversed(range(TRIES)):
        try:
            response = requests.get(url, timeout=TIMEOUT_SECONDS)
            response.raise_for_status()
        except requests.RequestException as error:
            if not tries_left:
                raise UnavailableError(_reason(error)) from error
        else:
            break
    return response.content


def _reason(error: requests.RequestException) -> str:
    if isinstance(error, requests.HTTPError):
        return str(error)
    # The errors raised from the first one are long and say less.
    cause: BaseException = error
    while inner := cause.__cause__ or cause.__context__:
        cause = inner
    through = " through the proxy" if isinstance(error, requests.exceptions.ProxyError) else ""
    return f"cannot be reached{through}: {cause}"
