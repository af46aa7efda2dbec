"""What a website says of itself and asks for: words that claim authority, links, grades and fields."""

from __future__ import annotations

import pytest

from vodka.accounts.fields import ANONYMOUS, KEYS, PERSONAL, PSEUDONYMOUS, Wanted
from vodka.errors import InvalidInput
from vodka.websites import asking
from vodka.websites.model import Website

CLAIMS = [
    pytest.param("EPFL", id="the name itself"),
    pytest.param("Chess club of EPFL", id="in the name of a club, which an operator reads"),
    pytest.param("MyEpflClub", id="inside a word"),
    pytest.param("E P F L", id="letters apart"),
    pytest.param("E.P.F.L. club", id="with full stops"),
    pytest.param("EP-FL", id="with a hyphen"),
    pytest.param("3PFL", id="a digit for e"),
    pytest.param("EPF1 login", id="a digit for l"),
    pytest.param("my-EPF|", id="a stroke for l"),
    pytest.param("epfI login", id="a capital i for l"),
    pytest.param("€PFL", id="the euro for e"),
    pytest.param("E℗FL", id="a sign for p"),
    pytest.param("EÞFL", id="thorn for p"),
    pytest.param("EPſL", id="long s for f"),
    pytest.param("epƒl", id="f with a hook"),
    pytest.param("EPFŁ", id="l with a stroke"),
    pytest.param("ɛpfl", id="open e"),
    pytest.param("EPFǀ", id="a letter that is a stroke"),
    pytest.param("eƿfl", id="wynn, a letter that no language of Europe has now"),
    pytest.param("ЕPFL", id="Cyrillic e"),
    pytest.param("ΕPFL", id="Greek epsilon"),
    pytest.param("EPF١", id="an Arabic digit"),
    pytest.param("ＥＰＦＬ", id="full-width"),
    pytest.param("𝐄𝐏𝐅𝐋", id="mathematical"),
    pytest.param("ⒺⓅⒻⓁ", id="in circles"),
    pytest.param("🅴🅿🅵🅻", id="in black squares"),
    pytest.param("🇪🇵🇫🇱", id="as flags"),
    pytest.param("ᴇᴘꜰʟ", id="small capitals"),
    pytest.param("E\u0301P\u0323FL", id="combining marks"),
    pytest.param("myE\ufe0fPFL", id="a variation selector"),
    pytest.param("myE\u200bP\u2060F\u00adL", id="zero width"),
    pytest.param("EPF Lausanne", id="the older short name"),
    pytest.param("École polytechnique fédérale", id="the long name"),
    pytest.param("Swiss Federal Institute of Technology", id="the long name in English"),
    pytest.param("Official shop", id="official"),
    pytest.param("0ff1cia|", id="official in digits"),
    pytest.param("Boutique officielle", id="official in French"),
    pytest.param("vodka team", id="this very service"),
    pytest.param("V.O.D.K.A", id="this very service, letters apart"),
    pytest.param("Клуб", id="another script"),
    pytest.param("国际象棋", id="ideographs"),
]
PLAIN = [
    *("Chess club", "Step Flow", "step-flow", "Keep fit", "KEEPFIT", "Deep field", "EPFRA", "Office hours", "officina"),
    *("Club d’échecs", "Zürich Łódź Ærø œuvre Ÿ", "Şan, Việt Nam", "We play on Tuesdays!", "Kevin’s T-shirts · 5€"),
    *("Café №5, 2ª fila, 20°", "µTech", "½ price ☕", "!!! | 100 %", "🇨🇭 Alps 🎲", "club.ch", ""),
]


@pytest.mark.parametrize("text", CLAIMS)
def test_con_08_words_that_claim_authority_are_seen(text: str) -> None:
    """However they are written: an operator reads them before visitors do."""
    assert asking.claims_authority(text)


@pytest.mark.parametrize("text", PLAIN, ids=lambda text: text or "nothing")
def test_con_08_other_words_are_left_alone(text: str) -> None:
    """The letters of Europe, numbers, signs, and words that only look alike when run together."""
    assert not asking.claims_authority(text)


def described(name: str, description: str = "", approved: str | None = None) -> Website:
    """A website with these words."""
    website = Website(domain="club.ch", approved_words=approved)
    asking.describe(website, name=name, description=description)
    return website


@pytest.mark.parametrize(
    ("name", "description", "approved", "shown", "waits"),
    [
        pytest.param("Club", "We play.", None, ("Club", "We play."), (False, False), id="plain words"),
        pytest.param("EPFL", "We play.", None, ("club.ch", "We play."), (True, False), id="the name waits"),
        pytest.param("Club", "For EPFL.", None, ("Club", ""), (False, True), id="the description waits"),
        pytest.param("EPFL", "Official.", None, ("club.ch", ""), (True, True), id="both wait"),
        pytest.param("EPFL", "x", "EPFL\nx", ("EPFL", "x"), (False, False), id="these very words were approved"),
        pytest.param("EPFL", "y", "EPFL\nx", ("club.ch", "y"), (True, False), id="others were approved"),
        pytest.param("", "x", None, ("club.ch", "x"), (False, False), id="no name but the domain"),
    ],
)
def test_con_08_words_wait_until_these_very_words_were_approved(
    name: str, description: str, approved: str | None, shown: tuple[str, str], waits: tuple[bool, bool]
) -> None:
    """Name and description each for itself; a change of either ends the approval of both."""
    website = described(name, description, approved)
    assert asking.shown_words("club.ch", website.name, website.description, approved) == shown
    assert asking.waiting_words(website) == waits
    assert asking.waits_for_approval(website) == any(waits)


def test_con_08_a_domain_that_says_epfl_needs_no_approval_as_a_name() -> None:
    """vodka shows the domain anyway, and nothing is added by saying it again."""
    website = Website(domain="club.epfl.ch")
    asking.describe(website, name="", description="")
    assert website.name == "club.epfl.ch"
    assert not asking.waits_for_approval(website)
    assert asking.shown_words("club.epfl.ch", website.name, "", None) == ("club.epfl.ch", "")


def test_con_08_words_are_capped_and_cleaned() -> None:
    """Ten kilobytes, bidi controls and line breaks become one short visible line."""
    website = described("\u202e" + "n" * 10_000, "a\n\tb\u2066" + "d" * 10_000)
    assert (website.name, website.description) == ("n" * 80, "a b" + "d" * 297)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        (" https://club.ch/privacy ", "https://club.ch/privacy"),
        ("https://club.ch", "https://club.ch"),
        ("https://other.example.org/a?b=c#d", "https://other.example.org/a?b=c#d"),
        ("https://club.ch/" + "x" * 284, "https://club.ch/" + "x" * 284),
    ],
)
def test_a_link_that_can_be_shown_is_kept(typed: str, kept: str) -> None:
    """A full https address of at most 300 characters, or nothing."""
    website = Website(domain="club.ch")
    asking.describe(website, name="", description="", privacy_url=typed, terms_url=typed)
    assert (website.privacy_url, website.terms_url) == (kept, kept)


@pytest.mark.parametrize(
    "typed",
    [
        *("http://club.ch/", "javascript:alert(1)", "//club.ch/", "club.ch/privacy", "https://", "https://localhost/"),
        *("https://me@club.ch/", "https://club.ch:8443/", "https://club.ch\\@evil.ch/", "https://127.0.0.1/"),
        *("https://club.ch/a b", "https://club.ch/\u202e", "https://clüb.ch/", "https://ch/", "https://club.ch?x=1"),
        *("https://club.ch/\nx", "https://club..ch/", "https://club.ch/" + "x" * 285),
    ],
    ids=ascii,
)
@pytest.mark.parametrize("which", ["privacy_url", "terms_url"])
def test_con_08_a_link_that_could_mislead_is_refused(typed: str, which: str) -> None:
    """Another scheme, a name before an @, a port, an address of a machine, spaces, one character too many."""
    with pytest.raises(InvalidInput) as refusal:
        asking.describe(Website(domain="club.ch"), name="", description="", **{which: typed})
    assert refusal.value.code == f"{which}_malformed"


def asking_for(grade: str, reason: str, *wanted: Wanted) -> tuple[str, str, list[dict[str, object]]]:
    """What is kept of a question."""
    website = Website(domain="club.ch")
    asking.ask_for(website, grade, reason, wanted)
    return website.grade, website.reason, website.fields


def test_con_08_the_grade_decides_which_fields_there_are() -> None:
    """A reason belongs to the grade personal alone; the one answer of anonymous cannot be left out."""
    student = {"key": "student", "essential": True, "purpose": ""}
    assert asking_for(ANONYMOUS, "because") == (ANONYMOUS, "", [student])
    why = Wanted("student", False, " \u202eMembers ")
    assert asking_for(ANONYMOUS, "", why) == (ANONYMOUS, "", [student | {"purpose": "Members"}])
    assert asking_for(PSEUDONYMOUS, "because") == (PSEUDONYMOUS, "", [])
    email = Wanted("email", True, "p" * 200)
    kept = {"key": "email", "essential": True, "purpose": "p" * 160}
    assert asking_for(PERSONAL, "r" * 400, email) == (PERSONAL, "r" * 300, [kept])


@pytest.mark.parametrize("grade", [ANONYMOUS, PSEUDONYMOUS, PERSONAL])
@pytest.mark.parametrize("key", [*KEYS, "phone", ""])
def test_con_08_a_field_beyond_the_grade_is_refused(grade: str, key: str) -> None:
    """By name, with the list of those that there are."""
    allowed = {ANONYMOUS: ["student"], PSEUDONYMOUS: ["student", "affiliation", "section", "level"], PERSONAL: KEYS}
    if key in allowed[grade]:
        assert asking_for(grade, "", Wanted(key, True))[2][0]["key"] == key
        return
    with pytest.raises(InvalidInput) as refusal:
        asking_for(grade, "", Wanted(key, True))
    assert refusal.value.code == "field_beyond_grade"
    assert refusal.value.hint == f"The fields are {', '.join(allowed[grade])}."


@pytest.mark.parametrize(
    ("grade", "wanted", "code"),
    [("secret", [], "grade_unknown"), ("", [], "grade_unknown"), (PERSONAL, ["email", "email"], "field_twice")],
)
def test_a_question_that_makes_no_sense_is_refused(grade: str, wanted: list[str], code: str) -> None:
    """Another grade, a field twice."""
    with pytest.raises(InvalidInput) as refusal:
        asking_for(grade, "", *(Wanted(key, True) for key in wanted))
    assert refusal.value.code == code


def test_an_owner_says_why_the_person_is_wanted() -> None:
    """A reason for the grade, at least one field of the person, a purpose for those that cannot be left out."""
    refused = [
        lambda: asking.need_reason(PERSONAL, " \u200b "),
        lambda: asking.need_person(PERSONAL, [Wanted("student", True)]),
        lambda: asking.need_purpose(Wanted("email", True, "\u2066")),
    ]
    codes = []
    for check in refused:
        with pytest.raises(InvalidInput) as refusal:
            check()
        codes.append(refusal.value.code)
    assert codes == ["reason_missing", "fields_missing", "purpose_missing"]
    for grade in (ANONYMOUS, PSEUDONYMOUS):
        asking.need_reason(grade, "")
        asking.need_person(grade, [])
    asking.need_reason(PERSONAL, "To print your badge")
    asking.need_person(PERSONAL, [Wanted("student", True), Wanted("lastName", False)])
    for field in (Wanted("email", False), Wanted("email", True, "To write"), Wanted("student", True)):
        asking.need_purpose(field)
