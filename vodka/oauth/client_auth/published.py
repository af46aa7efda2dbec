"""What clients publish at addresses of their own, read by the guarded GET: nothing is locked meanwhile, and few wait at once."""

from __future__ import annotations

from threading import BoundedSemaphore

from vodka.adapters.fetch import FetchFailed, FetchRefused
from vodka.errors import Unavailable
from vodka.oauth import store
from vodka.oauth.provider import Provider

_OK = 200  # RFC 9110 §15.3.1


class Unreadable(Exception):
    """There is no such document, or none that vodka may or can read. It is the same for every reason (attacks DOM-20)."""


class Published:
    """Reads documents for one process."""

    def __init__(self, provider: Provider) -> None:
        self._limits = provider.limits
        self._fetch = provider.services.fetch
        self._places = BoundedSemaphore(provider.limits.client_fetches_at_once)

    def read(self, url: str, *, accept: str, size: int) -> bytes:
        """The document, at most `size` bytes; raises Unreadable, and Unavailable while too many others are being read."""
        store.let_go()
        if not self._places.acquire(blocking=False):
            raise Unavailable("as many documents of clients as may be are being read")
        try:
            limits = self._limits
            found = self._fetch.get(url, timeout=limits.client_fetch_timeout, size=size, accept=accept, even_time=True)
        except (FetchRefused, FetchFailed) as error:
            raise Unreadable from error
        finally:
            self._places.release()
        if found.status != _OK:
            raise Unreadable
        return found.body
