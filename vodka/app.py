"""The composition root: settings → secrets → doors → database → routes. Nothing is global, so two apps share nothing."""

from __future__ import annotations

import gc
from pathlib import Path
from threading import BoundedSemaphore

from flask import Flask

from vodka import db as database
from vodka import language
from vodka.accounts.passwords import Passwords
from vodka.adapters.directory_choice import build_directory
from vodka.adapters.dns import DnsLookup
from vodka.adapters.fetch import Fetcher
from vodka.adapters.mail import SmtpMailer
from vodka.adapters.services import Services
from vodka.db import engine_options
from vodka.handoff.status import Gate
from vodka.keys.ring import Keyring
from vodka.login.email_code import EmailCode
from vodka.login.passkeys.party import RelyingParty
from vodka.login.password import PasswordLogin
from vodka.login.throttle import Throttle
from vodka.oauth.algorithms import SIGNED_BY_US
from vodka.oauth.provider import Provider
from vodka.oauth.server import Server
from vodka.paths import EXAMPLES, STATIC, TEMPLATES
from vodka.sealing import Vault
from vodka.sessions.claims import SessionClaims
from vodka.settings import Settings
from vodka.web import (
    account,
    auth,
    authorize,
    data,
    enter,
    forward_auth,
    health,
    login,
    logout,
    mailbox,
    not_me,
    oauth,
    passkeys,
    redeem,
    websites,
    well_known,
)
from vodka.web.front_lane import FrontLane
from vodka.web.plumbing import arrival, cors, csrf, errors
from vodka.web.plumbing.client import present_language
from vodka.web.plumbing.means import EXTENSION, Means
from vodka.web.plumbing.ratelimit import OuterLimit
from vodka.web.plumbing.transaction import TransactionalFlask

_ROUTES = (
    auth,
    authorize,
    data,
    enter,
    forward_auth,
    health,
    login,
    logout,
    not_me,
    passkeys,
    redeem,
    well_known,
)
_BLUEPRINTS = (*account.BLUEPRINTS, *oauth.BLUEPRINTS, *websites.BLUEPRINTS, *(module.blueprint for module in _ROUTES))
_YEAR = 365 * 86400


def from_environment() -> Flask:
    """The app of a deployment, as WSGI servers make it; what stands by now stays, so the collector need not look at it."""
    app = create_app(Settings())
    gc.collect()
    gc.freeze()
    return app


def create_app(settings: Settings) -> Flask:
    """One vodka. Raises Misconfigured with every reason not to start."""
    settings.require_sound()
    app = TransactionalFlask("vodka", static_folder=STATIC, template_folder=TEMPLATES)
    limits = settings.limits
    app.config.from_mapping(
        MAX_CONTENT_LENGTH=limits.body_size,
        MAX_FORM_MEMORY_SIZE=limits.body_size,
        SEND_FILE_MAX_AGE_DEFAULT=_YEAR,  # their URLs hold a digest of the content
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database_url),
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]  # User and Website keep SPEC's order
    tools = _means(settings)
    app.extensions[EXTENSION] = tools
    _create_folder_of_sqlite(settings.database_url)
    database.init_app(app)
    language.install(app.jinja_env, present_language)
    for blueprint in (*_BLUEPRINTS, *((mailbox.blueprint,) if settings.development else ())):
        app.register_blueprint(blueprint)
    errors.install(app)
    app.before_request(arrival.receive)
    app.before_request(cors.look)
    app.before_request(csrf.guard)
    app.after_request(cors.answer)
    app.wsgi_app = FrontLane(app.wsgi_app, app, tools)  # type: ignore[method-assign]
    return app


def _means(settings: Settings) -> Means:
    limits = settings.limits
    vault = Vault(_secrets(settings, "secret_key"), _secrets(settings, "pepper"))
    throttle = Throttle(limits, vault, settings.crowded_networks)
    keyring = Keyring(vault, limits, settings.data_jwt_algorithm, SIGNED_BY_US)
    services = _services(settings)
    passwords = Passwords(limits, BoundedSemaphore(limits.password_hashes))
    return Means(
        settings=settings,
        limits=limits,
        vault=vault,
        keyring=keyring,
        services=services,
        session_claims=SessionClaims(vault, settings.origin, limits.clock_leeway),
        email_code=EmailCode(limits, vault, throttle, settings.origin, _reserved(settings)),
        passkeys=RelyingParty(limits, throttle, settings.origin),
        passwords=passwords,
        throttle=throttle,
        look_ups=OuterLimit(limits.data_requests_per_minute, settings),
        logo_tries=OuterLimit(limits.logo_tries_per_minute, settings),
        site_checks=OuterLimit(limits.site_checks_per_minute, settings),
        document_visits=OuterLimit(limits.document_visits_per_minute, settings),
        visits=BoundedSemaphore(limits.visits_at_once),
        oauth=Server(
            Provider(
                issuer=settings.origin,
                limits=limits,
                vault=vault,
                keyring=keyring,
                services=services,
                domains_of_many=settings.domains_of_many,
                email_domains=frozenset(settings.email_domains),
                throttle=throttle,
                password_login=PasswordLogin(limits, passwords, throttle),
                development=settings.development,
                is_certifying=settings.is_certifying,
            )
        ),
        gate=Gate(settings.origin, keyring, services.directory, limits),
    )


def _services(settings: Settings) -> Services:
    limits = settings.limits
    # Half the time of a look at a proof: the other half is the file's (websites.verification.Prover).
    names = DnsLookup(settings.dns_servers, limits.proof_timeout / 2)
    resolve = names.addresses if settings.dns_servers else None
    fetch = Fetcher(settings.fetch_allow, settings.fetch_ca_file or None, settings.fetch_port, resolve)
    url = settings.directory_url
    if settings.directory == "file" and not url:
        url = str(EXAMPLES / "people.json")
    smtp = settings.smtp_url.get_secret_value()
    return Services(
        mailer=SmtpMailer(
            smtp,
            settings.mail_from,
            limits.mail_connect_timeout,
            limits.mail_phase_timeout,
            settings.smtp_ca_file or None,
        )
        if smtp
        else None,
        txt=names,
        directory=build_directory(settings.directory, url, fetch, limits),
        fetch=fetch,
    )


def _reserved(settings: Settings) -> dict[str, str]:
    """The account whose login code is always the same: of the certification, in development only."""
    account = settings.certification_account.lower()
    return {account: settings.certification_code.get_secret_value()} if account else {}


def _secrets(settings: Settings, name: str) -> tuple[bytes, ...]:
    values = (getattr(settings, field).get_secret_value() for field in (name, f"{name}_previous"))
    return tuple(value.encode() for value in values if value)


def _create_folder_of_sqlite(url: str) -> None:
    """SQLite makes its file, but not the folder it stands in."""
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
