"""EPFL's two public directories as one real server on 127.0.0.1, with invented people and every kind of fault.

`/api/ldap` answers in the shapes of the search service, `/<first.last>.vcf` in those of people.epfl.ch: docs/directory.md.
"""

from __future__ import annotations

import json
import re
import threading
from fnmatch import fnmatchcase
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import parse_qs, urlsplit

Behaviour = Literal[
    "ok", "hang", "drip", "slow headers", "endless headers", "400", "500", "garbage", "bad utf-8", "nan", "deep", "huge",
    "gzip", "redirect", "wrong person", "not a list", "broken off",
]  # fmt: skip


def accreditation(path: str, position: str, order: int = 1, **more: Any) -> dict[str, Any]:
    """One accreditation as the search service shows it."""
    return {
        "phoneList": [], "officeList": [], "path": path, "acronym": path.rpartition("/")[2], "name": f"Unit of {path}",
        "position": position, "order": order, "rank": 0 if order <= 1 else 1, "code": 50000 + order, **more,
    }  # fmt: skip


def person(email: str | None, sciper: str, first: str, last: str, *accreds: dict[str, Any]) -> dict[str, Any]:
    """One person as the search service shows them; without an address the key is absent."""
    shown = {"sciper": sciper, "rank": 0, "name": last, "firstname": first, "accreds": list(accreds)}
    return shown | ({"email": email, "profile": email.partition("@")[0]} if email else {"profile": sciper})


STUDENT = person(
    "camille.exemple@epfl.ch", "399001", "Camille", "Exemple",
    accreditation("EPFL/ETU/SC-S/SC-MA4", "Student"),
    accreditation("EPFL/IC/IINFCOM/NLP", "Project Student", 2),
)  # fmt: skip
PHD = person(
    "robin.modele@epfl.ch", "399002", "Robin", "Modèle",
    accreditation("EPFL/IC/IINFCOM/CLAIRE", "Doctoral Assistant"),
    accreditation("EPFL/ETU/EDOC/EDIC", "Student", 2),
    accreditation("EPFL/SB/ISIC/LIAC", "Doctoral Assistant", 4),
)  # fmt: skip
STAFF = person(
    "dominique.personnel@epfl.ch", "399003", "Dominique", "Personnel",
    accreditation("EPFL/IC/C4DT/C4DT-GE", "Research Software Engineer"),
)  # fmt: skip
PROJECT_STUDENT = person(
    "sascha.invite@epfl.ch", "399004", "Sascha", "Invité", accreditation("EPFL/IC/IINFCOM/NLP", "Project Student")
)
NO_EMAIL = person(None, "399005", "Bo", "Sansadresse", accreditation("EPFL/SO/TV-4/KALEVALA", "Princesse"))
TWO_DOTS = person(
    "lor.san.tekka@epfl.ch", "399006", "Lor", "San Tekka", accreditation("EPFL/ETU/IN-S/IN-BA3", "Student")
)
LONG_NAME = person(
    "alix.durand@epfl.ch", "399007", "Alix Marc Alain", "Durand", accreditation("EPFL/ETU/IN-S/IN-MA2", "Etudiant")
)
PEOPLE = (STUDENT, PHD, STAFF, PROJECT_STUDENT, NO_EMAIL, TWO_DOTS, LONG_NAME)


class _Handler(BaseHTTPRequestHandler):
    """Finds as the real services do; misbehaves as the server was told."""

    @property
    def directory(self) -> DirectoryServer:
        """What the test holds."""
        return self.server.directory

    def do_GET(self) -> None:
        self.directory.asked.append(self.path)
        if self.directory.behave != "ok":
            getattr(self, "_" + re.sub(r"\W", "_", self.directory.behave))()
            return
        parts = urlsplit(self.path)
        if parts.path == "/api/ldap":
            query = parse_qs(parts.query)
            self._send_json(self.directory.search(query.get("q", [""])[0].strip().replace("(", "").replace(")", "")))
        else:
            self._send_card(parts.path)

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content_Type": "application/json", "Content_Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def _send_json(self, value: object) -> None:
        self._send(200, json.dumps(value, ensure_ascii=False).encode(), Content_Type="application/json; charset=utf-8")

    def _send_card(self, path: str) -> None:
        match = re.fullmatch(r"/([0-9]{6}|[a-z-]+\.[a-z-]+)\.vcf", path)
        found = self.directory.search(match[1] if match[1].isdigit() else f"{match[1]}@epfl.ch") if match else []
        if len(found) != 1:
            self._send(404, b"<!DOCTYPE html><title>404</title>", Content_Type="text/html")
            return
        self._send(200, card_of(found[0]).encode(), Content_Type="text/vcard; charset=utf-8")

    def _400(self) -> None:
        self._send(400, b'{"success":false,"error":"Oops, something went wrong"}')

    def _500(self) -> None:
        self._send(500, b"<h1>Internal Server Error</h1>", Content_Type="text/html")

    def _garbage(self) -> None:
        self._send(200, b"<!DOCTYPE html><title>Maintenance</title>", Content_Type="text/html")

    def _bad_utf_8(self) -> None:
        self._send(200, b'[{"email": "camille.exemple@epfl.ch", "name": "\xff\xfe"}]')

    def _nan(self) -> None:
        self._send(200, b'[{"email": "camille.exemple@epfl.ch", "rank": NaN}]')

    def _deep(self) -> None:
        self._send(200, b"[" * 100_000 + b"]" * 100_000)

    def _not_a_list(self) -> None:
        self._send_json(STUDENT)

    def _huge(self) -> None:
        self.send_response(200)
        self.end_headers()
        while not self.directory.over.is_set():
            self.wfile.write(b"x" * 65536)

    def _gzip(self) -> None:
        self._send(200, b"\x1f\x8b\x08 no matter what follows", Content_Encoding="gzip")

    def _redirect(self) -> None:
        self._send(302, b"", Location=self.directory.redirect_to)

    def _wrong_person(self) -> None:
        if urlsplit(self.path).path == "/api/ldap":
            self._send_json([STAFF])
        else:
            self._send(200, card_of(STAFF).encode(), Content_Type="text/vcard")

    def _hang(self) -> None:
        self.directory.over.wait(30)

    def _drip(self) -> None:
        self.send_response(200)
        self.end_headers()
        self._drop_by_drop(b" ")

    def _slow_headers(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        self._drop_by_drop(b"x")

    def _drop_by_drop(self, drop: bytes) -> None:
        for _ in range(600):
            self.wfile.write(drop)
            if self.directory.over.wait(0.05):
                return

    def _endless_headers(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not self.directory.over.is_set():
            self.wfile.write(b"X-More: of the same\r\n")

    def _broken_off(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"[")

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


def card_of(shown: dict[str, Any]) -> str:
    """The vCard of a person: nothing escaped, blank lines in between."""
    return (
        "BEGIN:VCARD\r\nVERSION:3.0\r\n\r\n"
        f"FN;charset=UTF-8:{shown['firstname']} {shown['name']}\r\n"
        f"N;charset=UTF-8:{shown['name']};{shown['firstname']};;;\r\n"
        + (f"EMAIL;TYPE=INTERNET:{shown['email']}\r\n" if "email" in shown else "\r\n")
        + f"URL:https://people.epfl.ch/{shown['profile']}\r\n\r\nTITLE;charset=UTF-8:Etudiant\r\nORG:EPFL\r\nEND:VCARD\r\n"
    )


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves early is what many tests want."""


class DirectoryServer:
    """Use as a context manager: `with DirectoryServer() as directory: …`, with `directory.url` as base URL of both kinds.

    `people` holds the persons by address (or sciper), to be edited; `behave` says what goes wrong; `asked` holds the path
    and query of each request. It lives on 127.0.0.1, so a Fetcher needs that network in its `allow`.
    """

    def __init__(self) -> None:
        self.people: dict[str, dict[str, Any]] = {shown.get("email", shown["sciper"]): shown for shown in PEOPLE}
        self.behave: Behaviour = "ok"
        self.redirect_to = "http://127.0.0.1:1/"
        self.asked: list[str] = []
        self.over = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.directory = self
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), name="directory", daemon=True)

    def search(self, query: str) -> list[dict[str, Any]]:
        """As the service does: a sciper, or an address in which `*` is a wildcard, or a part of a name."""
        if len(query) < 2:
            return []
        if re.fullmatch(r"[0-9]{6}", query):
            return [shown for shown in self.people.values() if shown["sciper"] == query]
        if "@" in query:
            return [shown for shown in self.people.values() if fnmatchcase(shown.get("email", ""), query.lower())]
        return [
            shown for shown in self.people.values() if query.lower() in f"{shown['firstname']} {shown['name']}".lower()
        ]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
