"""The outer shell of limits: in this process, in the database for several workers, in Redis; never unlimited, never 500."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.conftest import Start
from tests.servers.redis import RedisServer
from tests.vodka_under_test import Browser

DATA = "/data?domain=site.epfl.ch"
FEW = {"data_requests_per_minute": 3}


def statuses(browser: Browser, number: int) -> list[int]:
    """The statuses of so many requests for /data."""
    return [browser.get(DATA).status_code for _ in range(number)]


def test_one_process_counts_by_itself(start: Start, freezer: FrozenDateTimeFactory) -> None:
    """The request beyond the limit is 429 with Retry-After; a minute after the first one there is room again."""
    # The library's own thread reads the real clock: a stopped one must not lie before it.
    freezer.move_to("2096-11-02 09:00:00")
    browser = start(limits=FEW).signed_in()
    assert statuses(browser, 3) == [200] * 3
    refused = browser.get(DATA)
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 61
    freezer.tick(61)
    assert statuses(browser, 1) == [200]


@pytest.mark.parametrize("workers", [2, 8])
def test_key_05_several_workers_share_one_count_in_the_database(
    start: Start, freezer: FrozenDateTimeFactory, workers: int
) -> None:
    """With more than one worker and no Redis the limit is one limit, not one for each (traps T7)."""
    one, other = start(limits=FEW, workers=workers), start(limits=FEW, workers=workers)
    browser = one.signed_in()
    elsewhere = other.browser()
    elsewhere.set_cookie("SESSION_ID", browser.cookie("SESSION_ID") or "")
    assert statuses(browser, 2) + statuses(elsewhere, 1) == [200] * 3
    assert statuses(browser, 1) + statuses(elsewhere, 1) == [429] * 2
    assert int(elsewhere.get(DATA).headers["Retry-After"]) == 60
    freezer.tick(60)
    assert statuses(elsewhere, 1) == [200]


def test_key_05_parallel_requests_on_several_workers_never_get_more(start: Start) -> None:
    """Twenty at once on two workers, three allowed: exactly three pass."""
    vodkas = [start(limits=FEW, workers=2) for _ in range(2)]
    cookie = vodkas[0].signed_in().cookie("SESSION_ID") or ""
    browsers = [vodkas[number % 2].browser() for number in range(20)]
    for browser in browsers:
        browser.set_cookie("SESSION_ID", cookie)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda browser: browser.get(DATA).status_code, browsers))
    assert sorted(found) == [200] * 3 + [429] * 17


def test_f_13_redis_counts_for_all_workers(start: Start, redis_server: RedisServer) -> None:
    """With Redis the count is shared there, and a limit that was reached is no outage: it holds."""
    settings = {"limits": FEW, "workers": 2, "redis_url": redis_server.url(3)}
    one, other = start(**settings), start(**settings)
    browser, elsewhere = one.signed_in(), other.browser()
    elsewhere.set_cookie("SESSION_ID", browser.cookie("SESSION_ID") or "")
    assert statuses(browser, 2) + statuses(elsewhere, 2) == [200, 200, 200, 429]
    assert statuses(browser, 3) == [429] * 3
    assert 1 <= int(browser.get(DATA).headers["Retry-After"]) <= 61


def test_f_13_without_redis_each_worker_is_strict_by_itself(start: Start) -> None:
    """Redis stopped, also in the middle: the limit goes on in this process, logins work, and nothing is a 500."""
    redis = RedisServer()
    redis.start()
    vodka = start(limits=FEW, redis_url=redis.url())
    browser = vodka.signed_in()
    assert statuses(browser, 2) == [200] * 2
    redis.stop()
    assert statuses(browser, 4) == [200, 200, 200, 429]
    assert statuses(vodka.signed_in("robin.modele@epfl.ch", ip="192.0.2.50"), 4) == [200, 200, 200, 429]


def test_f_13_a_start_without_redis_is_a_start(start: Start) -> None:
    """Redis that never answered is an outage, not a reason to be down or without limits."""
    redis = RedisServer()  # not started
    browser = start(limits=FEW, redis_url=redis.url()).signed_in()
    assert statuses(browser, 4) == [200, 200, 200, 429]
