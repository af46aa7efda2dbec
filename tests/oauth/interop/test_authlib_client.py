"""Authlib's own client, in a requests session, as a Flask programmer would use it."""

from __future__ import annotations

from typing import Any

from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.oauth.interop.https_vodka import HttpsVodka, Person
from tests.oauth.relying_party import RelyingParty

CALLBACK = "https://localhost:8443/cb"


def session_of(house: HttpsVodka, club: RelyingParty, **more: Any) -> OAuth2Session:
    """A session that knows its client and our authority."""
    known = {"redirect_uri": CALLBACK, "scope": "openid profile", "code_challenge_method": "S256"}
    session = OAuth2Session(club.client_id, club.secret, **known | more)
    session.verify, session.trust_env = house.ca_file, False
    return session


def test_the_whole_flow(house: HttpsVodka, camille: Person) -> None:
    """Discovery by hand, as Authlib's Flask integration does it; the ID Token is checked by the published keys."""
    club = RelyingParty.of(house.vodka, domain="localhost", redirect_uris=[CALLBACK])
    session = session_of(house, club)
    metadata = session.request("GET", f"{house.origin}/.well-known/openid-configuration", withhold_token=True).json()
    verifier = "v" * 43
    url, state = session.create_authorization_url(
        metadata["authorization_endpoint"], code_verifier=verifier, nonce="a nonce"
    )
    back = camille.go(url, CALLBACK)
    token = session.fetch_token(
        metadata["token_endpoint"], authorization_response=back, state=state, code_verifier=verifier
    )
    keys = KeySet.import_key_set(session.request("GET", metadata["jwks_uri"], withhold_token=True).json())
    claims = jwt.decode(token["id_token"], keys, algorithms=["RS256"]).claims
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (house.origin, club.client_id, "a nonce")
    assert session.get(metadata["userinfo_endpoint"]).json()["sub"] == claims["sub"]


def test_a_service_by_itself(house: HttpsVodka) -> None:
    """Client credentials, with the secret in the body."""
    club = RelyingParty.of(house.vodka, domain="localhost", redirect_uris=[CALLBACK])
    session = session_of(house, club, token_endpoint_auth_method="client_secret_post")
    token = session.fetch_token(f"{house.origin}/oauth/token", grant_type="client_credentials")
    assert token["token_type"] == "Bearer"
