"""GET /status: who passes (FLOWS long term session; SCO-07 to SCO-17, SCO-22)."""

from __future__ import annotations

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.proxying import APP, DOMAIN, PROXY_IP, Protected, identity_of
from tests.vodka_under_test import CAMILLE, VodkaUnderTest
from vodka.handoff.passing import Rule

WAYS = ["lane", "flask"]


@pytest.fixture
def app(vodka: VodkaUnderTest) -> Protected:
    """Camille, let in at an application at the root of its host."""
    found = Protected.of(vodka)
    assert found.open(vodka.signed_in()).status_code == 200
    return found


@pytest.mark.parametrize("way", WAYS)
def test_a_stranger_has_to_sign_in_and_is_told_where(vodka: VodkaUnderTest, way: str) -> None:
    """401; back to the page where one was read, else to the application. What /login would not take stays behind."""
    app = Protected.of(vodka, f"https://{DOMAIN}/app/")
    read = app.check(f"https://{DOMAIN}/app/a%20b?c=d", through=way)
    assert read.status_code == 401
    start = f"{vodka.origin}/login?scope=https%3A%2F%2F{DOMAIN}%2Fapp%2F"
    assert read.headers["X-Vodka-Login"] == f"{start}a%2520b%3Fc%3Dd"
    for query in ("state=1", "q=" + "a" * 2048, "x=%0d"):
        away = app.check(f"https://{DOMAIN}/app/a%20b?{query}", through=way)
        assert away.headers["X-Vodka-Login"] == f"{start}a%2520b"
    long = app.check(f"https://{DOMAIN}/app/{'a' * 2048}", through=way)
    assert long.headers["X-Vodka-Login"] == start
    sent = app.check(f"https://{DOMAIN}/app/x", through=way, headers={"X-Original-Method": "POST"})
    assert (sent.status_code, sent.headers["X-Vodka-Login"]) == (401, start)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("url", "status"),
    [
        pytest.param(f"https://{DOMAIN}/app", 200, id="the application"),
        pytest.param(f"https://{DOMAIN}:443/app/x", 200, id="the usual port"),
        pytest.param(f"https://{DOMAIN}/application", 403, id="a longer name"),
        pytest.param(f"https://{DOMAIN}/", 403, id="the path above"),
        pytest.param(f"https://{DOMAIN}.evil.ch/app/", 403, id="a longer host"),
        pytest.param(f"http://{DOMAIN}/app/", 403, id="plain http"),
        pytest.param("https://HELLO.epfl.ch/app/", 403, id="an upper-case host"),
        pytest.param(f"https://{DOMAIN}/app/..%2fadmin", 403, id="an escaped slash"),
        pytest.param(f"https://{DOMAIN}/app/%2e%2e/x", 403, id="escaped dots"),
        pytest.param(f"https://{DOMAIN}/app//x", 403, id="two slashes"),
        pytest.param(f"https://{DOMAIN}/app\\..\\x", 403, id="backslashes"),
        pytest.param(f"https://{DOMAIN}/app/..;/x", 403, id="a path parameter"),
        pytest.param(f"https://{DOMAIN}/app/#x", 403, id="a fragment"),
        pytest.param(f"https://{DOMAIN}/app/%00", 403, id="NUL"),
        pytest.param(f"https://{DOMAIN}/app/a,b", 200, id="a comma in a path"),
        pytest.param(f"https://{DOMAIN}/app/,https://{DOMAIN}/app/", 403, id="two headers, joined by a comma"),
        pytest.param(f"https://{DOMAIN}/app/, https://{DOMAIN}/app/", 403, id="two headers, joined with a space"),
        pytest.param("", 403, id="nothing"),
    ],
)
def test_sco_07_sco_09_sco_11_what_lies_in_the_application(
    vodka: VodkaUnderTest, way: str, url: str, status: int
) -> None:
    """By origin and whole segments; what could be read in two ways is refused, cookies or not."""
    app = Protected.of(vodka, f"https://{DOMAIN}/app/")
    app.open(vodka.signed_in())
    headers = {} if url else {"X-Original-Url": ""}
    assert app.check(url, through=way, headers=headers).status_code == status


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"X-Vodka-Proxy": ""}, id="no secret"),
        pytest.param({"X-Vodka-Proxy": "vodka-proxy-" + "A" * 43}, id="a wrong one"),
        pytest.param({"X-Vodka-Proxy": "é" * 40}, id="not ASCII"),
        pytest.param({"X-Vodka-Proxy": "", "X-Forwarded-For": PROXY_IP}, id="an address that anybody can write"),
        pytest.param({"X-Original-Uri": "/", "X-Forwarded-Host": DOMAIN}, id="two dialects"),
    ],
)
def test_sco_08_without_the_proof_nothing_counts(
    vodka: VodkaUnderTest, app: Protected, way: str, headers: dict[str, str]
) -> None:
    """403 with a good cookie, with a code, and with nothing; the code is not spent."""
    code = {"scoped_session_code": Protected.enter(app, vodka.signed_in(ip="192.0.2.44"))}
    assert app.check(through=way, headers=headers).status_code == 403
    app.cookies = {}
    assert app.check(through=way, headers=headers, cookies=code).status_code == 403
    assert app.check(through=way, headers=headers).status_code == 403
    assert app.check(through=way, cookies=code).status_code == 200


@pytest.mark.parametrize("way", WAYS)
def test_sco_08_the_secret_of_another_application_is_none(vodka: VodkaUnderTest, app: Protected, way: str) -> None:
    """Each proxy speaks for its own."""
    other = Protected.of(vodka, "https://other.epfl.ch/")
    assert app.check(through=way, headers={"X-Vodka-Proxy": other.secret}).status_code == 403


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("peer", "status"),
    [("10.1.2.3", 200), ("10.1.3.3", 403), ("::ffff:10.1.2.3", 200), ("", 403)],
    ids=["in it", "beside it", "in it, in IPv6 clothing", "none"],
)
def test_a_listed_network_is_a_proof(vodka: VodkaUnderTest, way: str, peer: str, status: int) -> None:
    """No secret is needed from there."""
    app = Protected.of(vodka, networks=("10.1.2.0/24",))
    app.open(vodka.signed_in())
    asked = app.check(through=way, headers={"X-Vodka-Proxy": ""}, environ_base={"REMOTE_ADDR": peer})
    assert asked.status_code == status


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "cookie",
    [
        pytest.param("__Host-scoped_session=%%%", id="no base64"),
        pytest.param("__Host-scoped_session=" + "A" * 100_000, id="100 kB"),
        pytest.param("__Host-scoped_session={token}; __Host-scoped_session={token}", id="two"),
        pytest.param("__Host-scoped_session={token}; __Host-scoped_session=x", id="two, one of them senseless"),
        pytest.param("scoped_session={token}", id="a name that plain http can set"),
        pytest.param("__Host-SESSION_ID={token}", id="another name"),
        pytest.param("x=__Host-scoped_session={token}", id="in the value of another"),
        pytest.param("__Host-scoped_session={other}", id="of nobody"),
        pytest.param("__Host-scoped_session=", id="empty"),
        pytest.param("scoped_session_code={token}", id="in the place of the code"),
        pytest.param("scoped_session_code=x; scoped_session_code=y", id="two codes"),
    ],
)
def test_sco_13_a_malformed_cookie_is_none(vodka: VodkaUnderTest, app: Protected, way: str, cookie: str) -> None:
    """401, whatever it is."""
    token = app.cookies["__Host-scoped_session"]
    sent = cookie.format(token=token, other="A" * 43)
    assert app.check(through=way, headers={"Cookie": sent}).status_code == 401


@pytest.mark.parametrize("way", WAYS)
def test_sco_13_a_dead_cookie_hides_no_living_one(vodka: VodkaUnderTest, way: str) -> None:
    """One that is left over at the root, of an earlier owner's application."""
    app = Protected.of(vodka, f"https://{DOMAIN}/app/")
    app.open(vodka.signed_in())
    assert app.check(through=way, cookies={"__Host-scoped_session": "A" * 43}).status_code == 200


ENDS = {
    "the logout": "UPDATE sessions SET revoked_at = opened_at",
    "the logout everywhere": "UPDATE users SET epoch = epoch + 1",
    "the end of the session": "DELETE FROM sessions",
    "a disabled account": "UPDATE users SET disabled_at = created_at",
    "an address that went to somebody else": "UPDATE users SET email = NULL WHERE email LIKE 'camille%'",
    "the withdrawn consent": "UPDATE consents SET withdrawn_at = given_at",
}
CLOSES = {
    "the suspended website": "UPDATE websites SET suspended_at = created_at",
    "a website that is not proven any more": "UPDATE websites SET verified_since = NULL",
    "the removed application": "DELETE FROM applications",
    "the removed secret": "DELETE FROM proxy_secrets",
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("sql", "status"),
    [*((sql, 401) for sql in ENDS.values()), *((sql, 403) for sql in CLOSES.values())],
    ids=[*ENDS, *CLOSES],
)
def test_sco_14_whatever_ends_is_felt_at_the_next_check(
    vodka: VodkaUnderTest, app: Protected, way: str, sql: str, status: int
) -> None:
    """Nothing is remembered from one check to the next."""
    assert app.check(through=way).status_code == 200
    vodka.write(sql)
    assert app.check(through=way).status_code == status


def test_sco_14_a_real_logout_is_felt_at_the_next_check(vodka: VodkaUnderTest) -> None:
    """Of this session; who is signed in elsewhere stays."""
    app = Protected.of(vodka)
    elsewhere = Protected(vodka, app.number, app.secret)
    browser = vodka.signed_in()
    app.open(browser)
    elsewhere.open(vodka.signed_in(ip="192.0.2.45"))
    assert browser.get("/auth/logout").status_code == 200
    assert (app.check().status_code, elsewhere.check().status_code) == (401, 200)


@pytest.mark.parametrize("way", WAYS)
def test_sco_16_a_scoped_session_ends_with_the_global_one(
    freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest, way: str
) -> None:
    """Used all the time, it lives for the seven days of the login, to the second."""
    browser = vodka.signed_in()
    freezer.tick(86400)
    app = Protected.of(vodka)
    app.open(browser)
    freezer.tick(6 * 86400 - 1)
    assert app.check(through=way).status_code == 200
    freezer.tick(1)
    assert app.check(through=way).status_code == 401


@pytest.mark.parametrize(
    "path", ["/", "/data", "/authorize?redirect=https%3A%2F%2Fhello.epfl.ch%2F", "/account/history"]
)
def test_sco_15_a_scoped_session_opens_nothing_at_vodka(vodka: VodkaUnderTest, app: Protected, path: str) -> None:
    """FLOWS: the secrecy of the global session. Under any name of ours."""
    token = app.cookies["__Host-scoped_session"]
    signed = vodka.signed_in(ip="192.0.2.46").get(path)
    for name in ("__Host-scoped_session", "__Host-SESSION_ID"):
        response = vodka.browser().get(path, headers={"Cookie": f"{name}={token}"})
        assert response.text != signed.text
        assert CAMILLE not in response.text


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
@pytest.mark.parametrize("host", ["https://vodka.epfl.ch", "https://hello.epfl.ch", "http://10.0.0.1:8000"])
def test_sco_17_every_method_and_host_gets_one_of_three_answers(
    vodka: VodkaUnderTest, app: Protected, way: str, method: str, host: str
) -> None:
    """Some proxies ask with the method, and under the name, of the request that they ask about."""
    response = app.check(through=way, method=method, base_url=host)
    assert response.status_code == (403 if method in ("TRACE", "BREW") else 200)
    app.cookies = {}
    assert app.check(through=way, method=method, base_url=host).status_code in (401, 403)


@pytest.mark.parametrize("way", WAYS)
def test_sco_17_without_the_database_nobody_passes(vodka: VodkaUnderTest, app: Protected, way: str) -> None:
    """403, never 200 and never a fault of the proxy (attacks SES-11); afterwards everything is as before."""
    vodka.write("ALTER TABLE scoped_sessions RENAME TO away")
    assert app.check(through=way).status_code == 403
    vodka.write("ALTER TABLE away RENAME TO scoped_sessions")
    assert app.check(through=way).status_code == 200


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"X-Original-Uri": "/x?y=z"}, id="nginx, in parts"),
        pytest.param({"X-Forwarded-Method": "GET", "X-Forwarded-Uri": "/x"}, id="Traefik and Caddy"),
        pytest.param({"X-Forwarded-Host": "", "Host": DOMAIN, "below": "/x"}, id="Envoy"),
    ],
)
def test_each_proxy_is_understood(vodka: VodkaUnderTest, app: Protected, way: str, headers: dict[str, str]) -> None:
    """In its own words."""
    beside = {"X-Original-Url": "", "X-Forwarded-Proto": "https", "X-Forwarded-Host": DOMAIN} | headers
    assert app.check(through=way, below=beside.pop("below", None), headers=beside).status_code == 200


@pytest.mark.parametrize("way", WAYS)
def test_public_paths_are_open_and_say_nothing_of_anybody(vodka: VodkaUnderTest, way: str) -> None:
    """Every header of an identity is there, and empty: some proxies would hand on what a browser sent in its place."""
    app = Protected.of(vodka, rule=Rule(public=(("open",),), methods=frozenset({"GET"})))
    response = app.check(f"{APP}open/x", through=way)
    assert response.status_code == 200
    assert set(identity_of(response).values()) == {""}
    assert app.check(f"{APP}opened", through=way).status_code == 401
    assert app.check(f"{APP}open/x", through=way, headers={"X-Original-Method": "DELETE"}).status_code == 403


@pytest.mark.parametrize("way", WAYS)
def test_who_is_not_let_in_any_more_gets_403(vodka: VodkaUnderTest, app: Protected, way: str) -> None:
    """The rule of the moment counts."""
    vodka.write("""UPDATE applications SET rule = '{"sections": ["IN"]}'""")
    assert app.check(through=way).status_code == 403
    vodka.write("""UPDATE applications SET rule = '{"students": true}'""")
    assert app.check(through=way).status_code == 200
