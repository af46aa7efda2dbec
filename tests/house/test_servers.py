"""The servers that other tests lean on: they start, they are empty, and their absence is never passed over in CI."""

from __future__ import annotations

import psycopg
import pytest
from playwright.sync_api import Page
from pytest_httpserver import HTTPServer
from redis import Redis

from tests.servers.components import require
from tests.servers.postgres import PostgresCluster
from tests.servers.redis import RedisServer


def test_a_component_that_is_there_is_found() -> None:
    """The answer is the path to run."""
    assert require("sh", {}).endswith("/sh")


@pytest.mark.parametrize("environment", [{}, {"CI": ""}, {"CI": "false"}, {"VODKA_TESTS_REQUIRE_ALL": "0"}])
def test_an_absent_component_skips_the_test_on_a_laptop(environment: dict[str, str]) -> None:
    """Nobody has to install PostgreSQL to change a template."""
    with pytest.raises(pytest.skip.Exception, match="no-such-program is not installed"):
        require("no-such-program", environment)


@pytest.mark.parametrize("environment", [{"CI": "true"}, {"VODKA_TESTS_REQUIRE_ALL": "1"}, {"CI": "1"}])
def test_an_absent_component_fails_the_test_in_ci(environment: dict[str, str]) -> None:
    """CI never turns green by leaving tests out."""
    with pytest.raises(pytest.fail.Exception, match="no-such-program is not installed"):
        require("no-such-program", environment)


def test_each_postgres_database_is_empty_and_apart(postgres: PostgresCluster) -> None:
    """Two tests never see each other's rows."""
    one, other = postgres.create_database(), postgres.create_database()
    with psycopg.connect(one) as connection:
        connection.execute("CREATE TABLE mark (id int)")
    with psycopg.connect(other) as connection:
        assert connection.execute("SELECT to_regclass('mark')").fetchone() == (None,)


def test_postgres_writes_through_to_the_disk(postgres: PostgresCluster) -> None:
    """A test about acknowledged writes means something: fsync and synchronous_commit are on."""
    with psycopg.connect(postgres.url("postgres")) as connection:
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
        assert connection.execute("SHOW synchronous_commit").fetchone() == ("on",)


@pytest.mark.long
def test_what_postgres_acknowledged_survives_its_crash(postgres: PostgresCluster) -> None:
    """The cluster may be killed and started again by a fault test, and keeps what was committed."""
    url = postgres.create_database()
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS id")
    postgres.kill()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)
    postgres.start()
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT id FROM kept").fetchone() == (1,)


def test_redis_answers_and_forgets_at_a_restart(redis_server: RedisServer) -> None:
    """An outage of Redis can be played, and leaves nothing behind."""
    with Redis.from_url(redis_server.url()) as client:
        client.set("mark", "1")
        assert client.get("mark") == b"1"
    redis_server.stop()
    redis_server.start()
    with Redis.from_url(redis_server.url()) as client:
        assert client.get("mark") is None


@pytest.mark.browser
def test_chromium_shows_a_local_page(page: Page, httpserver: HTTPServer) -> None:
    """The browser reaches a server of the test, and applies a page's security policy."""
    httpserver.expect_request("/").respond_with_data(
        "<title>before</title><script>document.title = 'script ran'</script>",
        content_type="text/html",
        headers={"Content-Security-Policy": "default-src 'none'"},
    )
    page.goto(httpserver.url_for("/"))
    assert page.title() == "before"
