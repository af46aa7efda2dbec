"""What a deployment decides: one typed, frozen object from `VODKA_…` variables, checked at start.

The only reader of the environment.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from vodka.errors import Misconfigured
from vodka.limits import Limits
from vodka.randomness import token

Network = IPv4Network | IPv6Network


def _split(value: object) -> object:
    """A comma list as its parts; anything else as it is."""
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
Networks = Annotated[tuple[Network, ...], NoDecode, BeforeValidator(_split)]


class SecretFiles(PydanticBaseSettingsSource):
    """Reads `VODKA_<NAME>_FILE`: the value of NAME stands in that file (as container platforms hand over secrets)."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002
        """The content of the file named for this field, without its last line break; raises Misconfigured."""
        variable = f"VODKA_{field_name.upper()}_FILE"
        named = os.environ.get(variable)
        try:
            return (Path(named).read_text().rstrip("\r\n") if named else None), field_name, False
        except (OSError, UnicodeDecodeError) as error:
            raise Misconfigured([f"{variable}: the file cannot be read ({type(error).__name__})."]) from error

    def __call__(self) -> dict[str, Any]:
        """Every field for which a file was named."""
        found = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in found.items() if value is not None}


class Settings(BaseSettings):
    """Everything a deployment may decide; docs/settings.md explains each to an operator."""

    model_config = SettingsConfigDict(env_prefix="VODKA_", env_nested_delimiter="__", frozen=True, extra="forbid")

    profile: Literal["production", "development"] = "production"
    base_url: str = ""
    secret_key: SecretStr = SecretStr("")
    secret_key_previous: SecretStr = SecretStr("")
    pepper: SecretStr = SecretStr("")
    pepper_previous: SecretStr = SecretStr("")
    instance_dir: Path = Path("instance")
    database_url: str = ""
    redis_url: str = ""
    workers: int = Field(default=1, ge=1)
    smtp_url: SecretStr = SecretStr("")
    smtp_ca_file: str = ""
    mail_from: str = ""
    email_domains: Words = ("epfl.ch",)
    shared_domains: Words = ()
    operators: Words = ()
    certification_account: str = ""
    certification_code: SecretStr = SecretStr("")
    directory: Literal["search-api", "people", "ldap", "file", "none", ""] = ""
    directory_url: str = ""
    dns_servers: Words = ()
    fetch_allow: Networks = ()
    fetch_ca_file: str = ""
    fetch_port: int = Field(default=443, ge=1, le=65535)
    trusted_proxies: Networks = ()
    crowded_networks: Networks = ()
    security_contact: str = ""
    data_jwt_algorithm: Literal["ES256", "EdDSA", "RS256"] = "ES256"
    limits: Limits = Limits()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic calls by name
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment, then the files it names; no `.env` that lies about by accident."""
        return init_settings, env_settings, SecretFiles(settings_cls)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        """Fill in what follows from the rest; in development also secrets, so that nobody needs to set anything."""
        folder = self.instance_dir.resolve()
        self._default("instance_dir", folder)
        self._default("database_url", self.database_url or f"sqlite:///{folder / 'vodka.db'}")
        if self.development:
            self._default("base_url", self.base_url or "http://localhost:8000")
            self._default("directory", self.directory or "file")
            for name in ("secret_key", "pepper"):
                if not getattr(self, name).get_secret_value():
                    self._default(name, SecretStr(_kept_secret(folder / name)))
        self._default("directory", self.directory or "search-api")
        return self

    def _default(self, name: str, value: object) -> None:
        """Set a field of this frozen object while it is being made."""
        object.__setattr__(self, name, value)

    @property
    def development(self) -> bool:
        """Whether this is somebody's own machine: plain http on localhost, mails on a page, secrets made here."""
        return self.profile == "development"

    @property
    def https(self) -> bool:
        """Whether browsers reach vodka over https: cookies are Secure and carry the `__Host-` prefix."""
        return self.base_url.startswith("https://")

    @property
    def origin(self) -> str:
        """The public origin (RFC 6454 §6.1), which is also the issuer (RFC 8414 §2)."""
        return self.base_url.rstrip("/")

    @property
    def domains_of_many(self) -> frozenset[str]:
        """The domains under which different people hold names: those of the mailboxes, and those an operator named."""
        return frozenset(self.email_domains + self.shared_domains)

    @property
    def operator_addresses(self) -> tuple[str, ...]:
        """The canonical addresses of the accounts that may stop websites, each once."""
        return tuple(dict.fromkeys(address.lower() for address in self.operators))

    @property
    def is_certifying(self) -> bool:
        """Whether the OpenID Foundation's suite may register clients and sign in here: docs/certification.md."""
        return bool(self.certification_account)

    def require_sound(self) -> None:
        """Refuse to go on with settings that are not safe; raises Misconfigured with every reason at once."""
        if problems := _problems(self):
            raise Misconfigured(problems)


def _kept_secret(path: Path) -> str:
    """The secret kept in `path`, made at the first call; two processes that start at once agree on one (faults F-23)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    if not path.exists():
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(token())
        with suppress(FileExistsError):  # the other process was first; its secret counts
            os.link(fresh, path)
        fresh.unlink()
    return path.read_text()


def _problems(settings: Settings) -> list[str]:
    """One sentence for each reason not to start (attacks KEY-05)."""
    looks = (_secret_problems, _address_problems, _environment_problems, _certification_problems)
    return [problem for look in looks for problem in look(settings)]


def _secret_problems(settings: Settings) -> list[str]:
    problems = []
    secrets = {name: getattr(settings, name).get_secret_value() for name in ("secret_key", "pepper")}
    for name, value in secrets.items():
        if not value:
            problems.append(f"VODKA_{name.upper()} is missing: set it to at least 32 random characters.")
        elif len(value) < 32 or len(set(value)) < 12 or "changeme" in value.lower():
            problems.append(f"VODKA_{name.upper()} is too weak: use at least 32 random characters.")
    if secrets["secret_key"] and secrets["secret_key"] == secrets["pepper"]:
        problems.append("VODKA_SECRET_KEY and VODKA_PEPPER are the same: each needs a value of its own.")
    return problems


def _address_problems(settings: Settings) -> list[str]:
    problems = []
    if not settings.base_url:
        problems.append("VODKA_BASE_URL is missing: set it to the public address, such as https://vodka.example.org.")
    elif not _is_origin(settings.origin, development=settings.development):
        problems.append("VODKA_BASE_URL must be an https origin without a path, such as https://vodka.example.org.")
    if not settings.development and not settings.smtp_url.get_secret_value():
        problems.append("VODKA_SMTP_URL is missing: without it nobody receives a code.")
    if settings.smtp_url.get_secret_value() and "@" not in settings.mail_from:
        problems.append("VODKA_MAIL_FROM is missing: set the address that codes are sent from.")
    if not settings.email_domains:
        problems.append("VODKA_EMAIL_DOMAINS is empty: nobody could sign in.")
    if strangers := [address for address in settings.operators if not _may_sign_in(address, settings.email_domains)]:
        problems.append(f"VODKA_OPERATORS names {', '.join(strangers)}: nobody can sign in with that address.")
    # Nothing that counts for one process alone, such as memory:// (traps T7).
    if settings.redis_url and not settings.redis_url.startswith(("redis://", "rediss://", "redis+unix://")):
        problems.append("VODKA_REDIS_URL must be the address of a Redis server, such as redis://127.0.0.1:6379/0.")
    if settings.directory == "file" and not settings.directory_url and not settings.development:
        problems.append("VODKA_DIRECTORY is file: set VODKA_DIRECTORY_URL to the path of the file.")
    return problems


def _environment_problems(settings: Settings) -> list[str]:
    problems = []
    # Authlib turns its https checks off when this is set (traps T16).
    if "AUTHLIB_INSECURE_TRANSPORT" in os.environ:
        problems.append("AUTHLIB_INSECURE_TRANSPORT is set in the environment: unset it.")
    if not settings.development and os.environ.get("FLASK_DEBUG", "0") not in ("", "0", "false"):
        problems.append("FLASK_DEBUG is on in production: unset it.")
    return problems


def _certification_problems(settings: Settings) -> list[str]:
    account, code = settings.certification_account, settings.certification_code.get_secret_value()
    if not account and not code:
        return []
    # Whoever knows the code is that account, and anybody may register a client: never where people are.
    if not settings.development:
        return ["VODKA_CERTIFICATION_ACCOUNT and …_CODE are for VODKA_PROFILE=development alone: unset them."]
    if _may_sign_in(account, settings.email_domains) and re.fullmatch("[0-9]{6}", code):
        return []
    return ["VODKA_CERTIFICATION_ACCOUNT must be an address that can sign in, and VODKA_CERTIFICATION_CODE six digits."]


def _may_sign_in(address: str, domains: tuple[str, ...]) -> bool:
    """Whether this is an address of one of these domains, as `accounts.emails` would read it."""
    mailbox, _, domain = address.lower().partition("@")
    is_plain = re.fullmatch(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*", mailbox) is not None
    return address.isascii() and is_plain and domain in domains


def _is_origin(url: str, *, development: bool) -> bool:
    scheme, _, rest = url.partition("://")
    host = rest.partition(":")[0]
    plain = set("abcdefghijklmnopqrstuvwxyz0123456789.-:")
    if not rest or not set(rest) <= plain or rest.count(":") > 1:
        return False
    return scheme == "https" or (development and scheme == "http" and host in ("localhost", "127.0.0.1"))


def publish(name: str, value: str, *, prefix: str = "VODKA_", unless_set: bool = False) -> None:
    """Put a setting into the environment, for the processes that this one starts and its own next `Settings()`."""
    variable = prefix + name.upper()
    if not (unless_set and variable in os.environ):
        os.environ[variable] = value
