"""An address that went to another person while a session of the first one still lives."""

from __future__ import annotations

from tests.vodka_under_test import CAMILLE, PEOPLE, SITE, VodkaUnderTest, write_people


def test_tok_19_a_session_never_speaks_for_the_next_holder_of_its_address(vodka: VodkaUnderTest) -> None:
    """The name that the directory shows for the address now is somebody else's: the session gives away none of it."""
    vodka.site()
    browser = vodka.signed_in()
    somebody = PEOPLE[0] | {"sciper": "399777", "firstName": "Somebody", "lastName": "Else"}
    write_people(vodka.people, [somebody, *PEOPLE[1:]])
    vodka.write("DELETE FROM person_records")
    shown = browser.get(f"/data?domain={SITE}").get_json()["user"]
    assert shown == {"email": CAMILLE, "firstName": None, "lastName": None}
    for path in ("/", f"/authorize?redirect=https://{SITE}/cb"):
        page = browser.get(path)
        assert page.status_code == 200
        assert "Somebody" not in page.text
