"""`vodka forward-auth check` as an operator runs it: the documented nginx withstands it, and each mistake is found."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme
from click.testing import Result

from tests.cli.conftest import Shell
from tests.proxies.front import LIFTED, Front, configuration
from tests.proxying import APP, DOMAIN, Protected
from tests.races.served import HOST, Served, served
from tests.servers.application import Application
from tests.servers.components import free_port
from tests.servers.nginx import cached, nginx
from tests.servers.smtp import SmtpServer
from vodka.handoff.passing import Rule

RULE = Rule(public=(("open",), ("deep", "er")))
OTHER_NAMES = {f"identity-other-names-{where}" for where in ("public-1", "public-2")}


@dataclass
class Installation:
    """A served vodka, an application, and what stands in the configuration of the nginx between them."""

    house: Served
    application: Application
    app: Protected

    def arguments(self, port: int, *more: str) -> tuple[str, ...]:
        """`vodka forward-auth check` at the nginx on this port, which leaves TLS to somebody else."""
        there = ("--connect", f"127.0.0.1:{port}", "--connect-vodka", f"127.0.0.1:{self.house.port}", "--plain")
        return ("forward-auth", "check", APP, *there, *more)

    def run(self, port: int, *more: str, cookie: str = "", fails: type[BaseException] | None = None) -> Result:
        """The command, with the cookie of somebody who is signed in."""
        return self.shell(cookie).run(*self.arguments(port, *more), fails=fails)

    def found(self, port: int, *more: str, cookie: str = "") -> dict[str, str]:
        """Of a broken installation: why each of the attacks got in that did."""
        result = self.run(port, *more, "--json", cookie=cookie, fails=SystemExit)
        assert result.exit_code == 1
        attacks = json.loads(result.stdout)["attacks"]
        return {attack["id"]: attack["why"] for attack in attacks if attack["verdict"] == "in"}

    def shell(self, cookie: str = "") -> Shell:
        """The operator's, on the same database."""
        return Shell(self.house.environment | ({"FORWARD_AUTH_COOKIE": cookie} if cookie else {}))

    def configuration(self, *changes: tuple[str, str], beside: str = "", before: str = "") -> str:
        """As documented, with mistakes: texts replaced, places put `beside` the others, and things `before` the server."""
        text = configuration(self.house, self.application, self.app)
        assert text.rstrip().endswith("}")
        for pattern, replacement in changes:
            text, count = re.subn(pattern, replacement, text, flags=re.MULTILINE)
            assert count > 0, pattern
        text = f"{before}{text.rstrip()[:-1]}{beside}\n}}\n"
        return text.replace("APPLICATION", f"127.0.0.1:{self.application.port}")

    def cookie(self, port: int) -> str:
        """Of somebody who has signed in through this nginx."""
        front = Front(port, self.application, self.house)
        front.sign_in()
        return f"__Host-scoped_session={front.cookies['__Host-scoped_session']}"


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One of everything but nginx."""
    folder = tmp_path_factory.mktemp("installation")
    limits = {"resend_interval": 0} | dict.fromkeys(LIFTED, 1000)
    with SmtpServer() as smtp, served(folder, smtp, limits=limits) as house, Application() as application:
        yield Installation(house, application, Protected.of(house.vodka, APP, RULE))


def test_nothing_gets_in_where_nginx_is_set_up_as_vodka_says(installation: Installation, tmp_path: Path) -> None:
    """As a process of its own; what is left to look at is what this application says of headers that it should not read."""
    with nginx(tmp_path, installation.configuration()) as port:
        nobody = ("--direct", f"http://127.0.0.1:{free_port()}/")
        ended = installation.shell().spawn(*installation.arguments(port, *nobody))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "GOT IN" not in ended.stdout
    assert set(re.findall(r"^  look +([\w.-]+):", ended.stdout, re.MULTILINE)) == OTHER_NAMES
    assert re.search(r"\n\n[12][0-9]{2} attacks: 2 to look at, [0-9]{3} refused\n\Z", ended.stdout)
    assert set(installation.application.asked) == {"/open/", "/deep/er/"}
    installation.application.asked.clear()


def test_nothing_gets_in_beside_somebody_who_is_signed_in(installation: Installation, tmp_path: Path) -> None:
    """Their cookie goes along where an attack needs one, and nowhere else; it is never printed."""
    with nginx(tmp_path, installation.configuration()) as port:
        cookie = installation.cookie(port)
        result = installation.run(port, cookie=cookie)
        assert "identity-other-names-signed-in" in result.stdout
        assert cookie.partition("=")[2] not in result.output
        result = installation.run(port, "--json", cookie=cookie)
    attacks = {attack["id"]: attack for attack in json.loads(result.stdout)["attacks"]}
    assert attacks["identity-as-they-are-signed-in"]["status"] == 200
    assert (attacks["kept-page"]["verdict"], attacks["kept-page"]["status"]) == ("refused", 401)
    assert attacks["internal-signed-in"]["status"] == 404


PASSES = "proxy_pass http://APPLICATION;"
ASKS = r"^        auth_request /vodka-status;\n"
REPLACED = r"^        proxy_set_header (?:Remote-\w+|X-Vodka-Identity) .*\n"
SAYS_URL = r"proxy_set_header X-Original-Url .*;"
FROM_THE_BROWSER = (
    'map $http_x_original_url $asked { default $http_x_original_url; "" https://hello.epfl.ch$request_uri; }\n'
)


@pytest.mark.parametrize(
    ("changes", "beside", "before", "more", "finds"),
    [
        pytest.param([(ASKS, "")], "", "", (), {"plain", "browser", "method-PUT", "upgrade-websocket"}, id="not asked"),
        pytest.param(
            [(REPLACED, "")],
            "",
            "",
            (),
            {"identity-as-they-are-public-1", "identity-upper-case-public-2"},
            id="believed",
        ),
        pytest.param(
            [(r"location / \{", "location /admin/ {")],
            f"location / {{ {PASSES} }}",
            "",
            (),
            {"plain", "plain-favicon.ico"},
            id="only a part is closed",
        ),
        pytest.param([], f"location /admin/ {{ {PASSES} }}", "", ("--page", "/admin/"), {"plain"}, id="a part is open"),
        pytest.param([], rf"location ~ \.css$ {{ {PASSES} }}", "", (), {"plain-x.css"}, id="files are left out"),
        pytest.param(
            [(SAYS_URL, "proxy_set_header X-Original-Url $asked;")],
            "",
            FROM_THE_BROWSER,
            (),
            {"proxy-x-original-url"},
            id="the browser says the address",
        ),
        pytest.param(
            [
                (r"^(        auth_request /vodka-status;)", r"        set $asked https://hello.epfl.ch$uri;\n\1"),
                (SAYS_URL, "proxy_set_header X-Original-Url $asked;"),
            ],
            "",
            "",
            (),
            {"path-public-query-escaped-1"},
            id="the address was decoded",
        ),
        pytest.param(
            [],
            f"location /open {{ {PASSES} }}",
            "",
            (),
            {"path-climb-parameter-1", "path-climb-escaped-twice-1", "path-public-suffix-1"},
            id="nginx has a public prefix of its own",
        ),
        pytest.param(
            [],
            f"location = / {{ if ($request_uri !~ /open/) {{ return 401; }} {PASSES} }}",
            "",
            (),
            {"path-in-query"},
            id="public is found anywhere in the address",
        ),
        pytest.param([(r"^        internal;\n", "")], "", "", (), {"internal-plain"}, id="the place is not internal"),
        pytest.param(
            [],
            "",
            f"server {{ listen 127.0.0.1:{{port}} default_server; location / {{ {PASSES} }} }}\n",
            (),
            {"host-foreign", "host-none", "target-foreign"},
            id="under another name it is open",
        ),
        pytest.param([], "", "", ("--direct",), {"direct-plain-1", "direct-named-1"}, id="reached past the proxy"),
    ],
)
def test_sco_08_sco_10_sco_11_a_mistake_is_found(
    installation: Installation,
    tmp_path: Path,
    changes: list[tuple[str, str]],
    beside: str,
    before: str,
    more: tuple[str, ...],
    finds: set[str],
) -> None:
    """Each by the attacks that are meant for it; exit status 1."""
    if more == ("--direct",):
        more = ("--direct", f"http://127.0.0.1:{installation.application.port}")
    with nginx(tmp_path, installation.configuration(*changes, beside=beside, before=before)) as port:
        found = installation.found(port, *more)
        shown = installation.run(port, *more, fails=SystemExit).stdout
    assert finds <= set(found)
    assert all(f"  GOT IN  {word}: " in shown for word in found)


def test_sco_08_who_believes_the_browser_is_found_without_a_public_path(
    installation: Installation, tmp_path: Path
) -> None:
    """No address would get in: that vodka heard another one is to be looked at."""
    said = (SAYS_URL, "proxy_set_header X-Original-Url $asked;")
    with nginx(tmp_path, installation.configuration(said, before=FROM_THE_BROWSER)) as port:
        shown = installation.run(port, fails=SystemExit).stdout
    assert "  look    proxy-elsewhere: X-Original-Url names another application: 403, and 401 without it: " in shown


def test_sco_11_a_folder_without_its_slash_is_found(installation: Installation, tmp_path: Path) -> None:
    """nginx's alias leads up and out of the folder: no server behind is needed."""
    (tmp_path / "files/open").mkdir(parents=True)
    (tmp_path / "files/index.html").write_text("for members alone")
    beside = f"location /open {{ alias {tmp_path}/files/open/; }}"
    with nginx(tmp_path / "nginx", installation.configuration(beside=beside)) as port:
        assert set(installation.found(port)) == {"path-climb-no-slash-1"}


@pytest.mark.parametrize(
    ("key", "signed_in", "finds"),
    [
        pytest.param("https://hello.epfl.ch$request_uri", True, "kept-page", id="the same for two people"),
        pytest.param("$http_cookie", False, "kept-public-1", id="the same for two addresses"),
    ],
)
def test_sco_22_a_cache_with_a_shared_key_is_found(
    installation: Installation, tmp_path: Path, key: str, signed_in: bool, finds: str
) -> None:
    """What somebody was just shown is shown to a stranger."""
    with nginx(tmp_path / "whole", installation.configuration()) as port:
        cookie = installation.cookie(port) if signed_in else ""
    block = cached(installation.configuration(), tmp_path / "kept", DOMAIN)
    block = re.sub(r'proxy_cache_key ".*";', f'proxy_cache_key "{key}";', block)
    with nginx(tmp_path / "nginx", block) as port:
        assert finds in installation.found(port, cookie=cookie)


def test_over_tls_the_certificate_has_to_be_good_for_the_name(installation: Installation, tmp_path: Path) -> None:
    """With the authority that made it nothing gets in; without it, and with another's name, nothing is sent at all."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    for name, names in (("good", (DOMAIN, HOST)), ("foreign", ("elsewhere.epfl.ch",))):
        made = authority.issue_cert(*names)
        made.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / f"{name}.pem"))

    def over_tls(name: str) -> str:
        tls = f"listen 127.0.0.1:{{port}} ssl; ssl_certificate {tmp_path}/{name}.pem; "
        tls += f"ssl_certificate_key {tmp_path}/{name}.pem;"
        text = installation.configuration((r"listen 127.0.0.1:\{port\};", tls))
        vodka = f"location / {{ proxy_pass http://127.0.0.1:{installation.house.port}; proxy_set_header Host $host; }}"
        return f"{text}\nserver {{ {tls} server_name {HOST}; {vodka} }}\n"

    def check(port: int, *more: str, **expected: type[BaseException]) -> Result:
        at = f"127.0.0.1:{port}"
        there = ("forward-auth", "check", APP, "--connect", at, "--connect-vodka", at)
        return installation.shell().run(*there, *more, **expected)

    trusted = ("--ca", str(tmp_path / "ca.pem"))
    with nginx(tmp_path / "nginx", over_tls("good")) as port:
        shown = check(port, *trusted).stdout
        assert "vodka itself: 7 refused\n" in shown
        refused = check(port, fails=SystemExit)
        assert (refused.exit_code, refused.stdout) == (2, "")
        assert re.search(
            rf"Error: Nobody answers for {DOMAIN}: 127.0.0.1:{port}: .*CERTIFICATE_VERIFY_FAILED", refused.stderr
        )
    with nginx(tmp_path / "foreign", over_tls("foreign")) as port:
        assert "CERTIFICATE_VERIFY_FAILED" in check(port, *trusted, fails=SystemExit).stderr


def test_without_an_installation_nothing_is_proven(installation: Installation, tmp_path: Path) -> None:
    """Nobody there, or a cookie that lets nobody in: exit status 2, and no word of refusals."""
    refused = installation.run(free_port(), fails=SystemExit)
    assert (refused.exit_code, refused.stdout) == (2, "")
    with nginx(tmp_path, installation.configuration()) as port:
        refused = installation.run(port, cookie="A" * 43, fails=SystemExit)
        assert (refused.exit_code, refused.stdout) == (2, "")
        assert refused.stderr == "Error: The cookie lets nobody in: sign in again, and copy it anew.\n"
