"""What is nginx's own: the place where it asks, and asking less often as docs/forward-auth.md says (attacks SCO-22)."""

from __future__ import annotations

import time
from pathlib import Path

from tests.proxies.conftest import Guarded
from tests.proxies.front import Front, configuration
from tests.proxying import DOMAIN, Protected
from tests.servers.nginx import cached, nginx
from vodka.db import commit
from vodka.handoff import applications
from vodka.websites import store


def test_the_place_where_nginx_asks_is_closed_to_everybody_else(guarded: Guarded, tmp_path: Path) -> None:
    """`internal`, for who is known too."""
    with nginx(tmp_path, configuration(guarded.house, guarded.application, guarded.app)) as port:
        front = Front(port, guarded.application, guarded.house)
        front.sign_in()
        assert front.open("/vodka-status").status == 404


def test_sco_22_a_cached_answer_is_nobody_elses_and_over_soon(guarded: Guarded, tmp_path: Path) -> None:
    """Asked once a second at the most for one browser and address; a logout is felt after that second."""
    application, house = guarded.application, guarded.house
    with house.vodka.app.app_context():
        website = store.get_claim(DOMAIN)
        secret = applications.make_secret(website, 1, website.owner_id, house.vodka.means.limits)
        commit()
    app = Protected(house.vodka, 1, secret)
    block = cached(configuration(house, application, app), tmp_path / "kept", DOMAIN)
    with nginx(tmp_path / "nginx", block) as port:
        front = Front(port, application, house)
        visitor = front.sign_in()
        assert {front.open("/page").status for _ in range(10)} == {200}
        assert front.stranger.open("/page").status == 303
        assert list((tmp_path / "kept").iterdir()) != []
        assert visitor.get("/auth/logout").status == 200
        began = time.monotonic()
        while front.open("/page").status == 200:
            assert time.monotonic() - began < 30
            time.sleep(0.1)  # the recipe promises a second; a slow machine may take longer to ask
