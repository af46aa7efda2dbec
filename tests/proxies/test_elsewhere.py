"""What vodka prints for proxies that do not run here: its structure, and what of it can be proved in one that does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.proxies.conftest import Guarded
from tests.proxies.front import AT_ROOT, Front, configuration, printed
from tests.proxying import DOMAIN, IDENTITY
from tests.servers.envoy import envoy
from tests.vodka_under_test import CAMILLE
from vodka.handoff.scope import Scope

VODKA = "https://vodka.epfl.ch"
UPSTREAM = "http://127.0.0.1:8080"
ALIASES = {
    "Remote_User",
    "Remote_Email",
    "Remote_Name",
    "Remote_Groups",
    "X_Vodka_Identity",
    "X_Vodka-Identity",
    "X-Vodka_Identity",
}


def documents(word: str, scope: Scope = AT_ROOT, vodka: str = VODKA) -> list[Any]:
    """What a reader of YAML sees."""
    return list(yaml.safe_load_all(printed(word, vodka, UPSTREAM, scope)))


def of_kind(found: list[Any], kind: str) -> Any:
    """The one object of this kind."""
    [one] = [each for each in found if each["kind"] == kind]
    return one


def test_traefik_asks_with_what_it_says_itself_and_replaces_the_identity() -> None:
    """The proof comes in before the question and goes before the application; what else the browser says stays outside."""
    [found] = documents("traefik")
    router, middlewares = found["http"]["routers"]["hello_epfl_ch"], found["http"]["middlewares"]
    assert router["rule"] == f"Host(`{DOMAIN}`) && PathPrefix(`/`)"
    assert router["tls"] == {}
    assert set(middlewares) == set(router["middlewares"])
    before, asks, after = (middlewares[name] for name in router["middlewares"])
    assert before["headers"]["customRequestHeaders"]["X-Vodka-Proxy"] == "THE_SECRET"
    auth = asks["forwardAuth"]
    assert auth["address"] == f"{VODKA}/status"
    assert auth["trustForwardHeader"] is False
    assert set(auth["authRequestHeaders"]) == {"Cookie", "Referer", "Accept", "Sec-Fetch-Mode", "X-Vodka-Proxy"}
    assert auth["authResponseHeaders"] == list(IDENTITY)
    removed = after["headers"]["customRequestHeaders"]
    assert set(removed.values()) == {""}
    assert set(removed) == {"X-Vodka-Proxy"} | ALIASES
    assert found["http"]["services"]["hello_epfl_ch"]["loadBalancer"]["servers"] == [{"url": UPSTREAM}]


@pytest.mark.parametrize(
    ("scope", "name"),
    [
        (AT_ROOT, "__Host-scoped_session"),
        (Scope(f"https://{DOMAIN}", ("app",)), "__Secure-scoped_session"),
        (Scope("http://127.0.0.1:8080", ()), "scoped_session"),
    ],
)
def test_traefik_hands_on_the_cookie_by_its_name(scope: Scope, name: str) -> None:
    """RFC 6265bis §4.1.3: the name depends on where the application lives."""
    [found] = documents("traefik", scope)
    [router] = found["http"]["routers"].values()
    auth = found["http"]["middlewares"][router["middlewares"][1]]["forwardAuth"]
    assert auth["addAuthCookiesToResponse"] == [name]
    assert ("tls" in router) is scope.origin.startswith("https:")


def test_the_gateway_refuses_what_can_be_read_in_two_ways_and_asks_with_the_proof() -> None:
    """Escaped slashes are gone before vodka could see them (vodka.handoff.dialects.envoy)."""
    found = documents("gateway")
    route, traffic = of_kind(found, "HTTPRoute")["spec"], of_kind(found, "ClientTrafficPolicy")["spec"]
    assert route["hostnames"] == [DOMAIN]
    [rule] = route["rules"]
    assert rule["filters"][0]["requestHeaderModifier"] == {"remove": ["X-Vodka-Proxy"]}
    assert traffic["path"]["escapedSlashesAction"] == "RejectRequest"
    assert traffic["headers"]["withUnderscoresAction"] == "DropHeader"
    early = traffic["headers"]["earlyRequestHeaders"]
    assert early["set"] == [{"name": "X-Vodka-Proxy", "value": "THE_SECRET"}]
    assert set(early["remove"]) == {*IDENTITY, "Set-Cookie"}
    auth = of_kind(found, "SecurityPolicy")["spec"]["extAuth"]
    assert auth["failOpen"] is False
    assert auth["http"]["path"] == "/status"
    asked = {"cookie", "referer", "accept", "sec-fetch-mode", "x-forwarded-proto", "x-vodka-proxy"}
    assert set(auth["headersToExtAuth"]) == asked
    assert set(auth["http"]["headersToBackend"]) == {*(name.lower() for name in IDENTITY), "set-cookie"}
    for kind in ("SecurityPolicy", "EnvoyExtensionPolicy"):
        assert of_kind(found, kind)["spec"]["targetRefs"][0]["name"] == of_kind(found, "HTTPRoute")["metadata"]["name"]


def test_the_gateway_reaches_vodka_as_it_is_told() -> None:
    """With TLS and its name, or without."""
    secure = of_kind(documents("gateway"), "Backend")["spec"]
    assert secure["endpoints"] == [{"fqdn": {"hostname": "vodka.epfl.ch", "port": 443}}]
    assert secure["tls"] == {"wellKnownCACertificates": "System", "sni": "vodka.epfl.ch"}
    assert "tls" not in of_kind(documents("gateway", vodka="http://vodka.svc:8000"), "Backend")["spec"]


def test_the_gateways_few_lines_take_the_cookie_to_the_browser_and_to_nobody_else(
    guarded: Guarded, tmp_path: Path
) -> None:
    """In an Envoy that, as Envoy Gateway sets it up, hands the headers of a 200 to the application alone."""
    [script] = of_kind(documents("gateway"), "EnvoyExtensionPolicy")["spec"]["lua"]
    whole = yaml.safe_load(
        configuration(guarded.house, guarded.application, guarded.app, "envoy").replace("{port}", "0")
    )
    manager = whole["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"]
    [asks] = [each for each in manager["http_filters"] if each["name"].endswith("ext_authz")]
    answer = asks["typed_config"]["http_service"]["authorization_response"]
    answer["allowed_upstream_headers"]["patterns"] += answer.pop("allowed_client_headers_on_success")["patterns"]
    lua = {"@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua"}
    taken = {"name": "lua", "typed_config": lua | {"default_source_code": {"inline_string": script["inline"]}}}
    manager["http_filters"].insert(-1, taken)
    address = whole["static_resources"]["listeners"][0]["address"]["socket_address"]
    address["port_value"] = "{port}"
    guarded.application.heard.clear()
    with envoy(tmp_path, yaml.safe_dump(whole).replace("'{port}'", "{port}")) as port:
        front = Front(port, guarded.application, guarded.house, proxy="envoy")
        front.sign_in()
        assert front.told(front.open("/"))["headers"]["remote-email"] == [CAMILLE]
    assert guarded.application.heard
    assert not [heard for heard in guarded.application.heard if "set-cookie" in heard]


def test_ingress_nginx_speaks_one_dialect_and_sends_who_is_nobody_to_the_login() -> None:
    """Its own X-Original-URL; an annotation `auth-method` would make it say X-Original-URI as well, which is one too many."""
    found = documents("ingress-nginx", vodka="http://vodka.vodka.svc.cluster.local:8000")
    config, ingress = of_kind(found, "ConfigMap"), of_kind(found, "Ingress")
    prefix = "nginx.ingress.kubernetes.io/"
    said = {name.removeprefix(prefix): value for name, value in ingress["metadata"]["annotations"].items()}
    assert said["auth-url"] == "http://vodka.vodka.svc.cluster.local:8000/status"
    assert said["auth-signin"] == f"{VODKA}/login"
    assert said["auth-signin-redirect-param"] == "scope"
    assert said["auth-response-headers"].split(",") == list(IDENTITY)
    assert said["auth-proxy-set-headers"] == "ingress-nginx/" + config["metadata"]["name"]
    assert "auth-method" not in said
    assert config["data"]["X-Vodka-Proxy"] == "THE_SECRET"
    assert config["data"]["Referer"] == f"https://{DOMAIN}$request_uri"
    assert (config["data"]["X-Original-Uri"], config["data"]["X-Forwarded-Uri"]) == ("", "")
    assert "retired in March 2026" in printed("ingress-nginx", VODKA, UPSTREAM)
    assert ingress["spec"]["rules"][0]["host"] == DOMAIN
