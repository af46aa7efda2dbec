"""The directory that the settings name. The only place that knows all of them."""

from __future__ import annotations

from pathlib import Path

from vodka.adapters.breaker import Breaker
from vodka.adapters.directory import Directory
from vodka.adapters.directory_file import FileDirectory
from vodka.adapters.directory_none import NoDirectory
from vodka.adapters.directory_people import PeopleDirectory
from vodka.adapters.directory_search_api import SearchApiDirectory
from vodka.adapters.fetch import Fetcher, FetchRefused
from vodka.errors import Misconfigured
from vodka.limits import Limits

# Where EPFL's own services stand, when no URL is set.
_REMOTE = {
    "search-api": (SearchApiDirectory, "https://search-api.epfl.ch"),
    "people": (PeopleDirectory, "https://people.epfl.ch"),
}


def build_directory(kind: str, url: str, fetcher: Fetcher, limits: Limits) -> Directory:
    """The directory of this `kind`: `search-api` or `people` at the base URL `url` (empty: EPFL's own), `file` at the path
    `url`, or `none`. The first two stand behind a Breaker. Raises Misconfigured for any other kind, and what cannot work.
    """
    if kind in _REMOTE:
        remote, usual = _REMOTE[kind]
        try:
            directory = remote(url or usual, fetcher, limits)
        except FetchRefused as error:
            raise Misconfigured(
                ["VODKA_DIRECTORY_URL must be a base URL such as https://search-api.epfl.ch."]
            ) from error
        return Breaker(directory, limits.breaker_failures, limits.breaker_pause)
    if kind == "file":
        if not url:
            raise Misconfigured(["VODKA_DIRECTORY is file: set VODKA_DIRECTORY_URL to the path of the file."])
        return FileDirectory(Path(url))
    if kind == "none":
        return NoDirectory()
    if kind == "ldap":
        raise Misconfigured(["VODKA_DIRECTORY: ldap is not available in this version; use search-api."])
    raise Misconfigured([f"VODKA_DIRECTORY: {kind!r} is not one of search-api, people, file, none."])
