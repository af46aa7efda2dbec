"""Who keeps a website: inviting and joining, leaving and removing, handing over, deleting. Only the owner decides about others.

An invitation is a row and no secret: whoever is signed in with its address may accept it.
"""

from __future__ import annotations

from vodka import clock
from vodka.audit import store as audit
from vodka.errors import InvalidInput, NotFound, NotPermitted
from vodka.limits import Limits
from vodka.outbox import store as outbox
from vodka.sealing import Vault
from vodka.websites import store as websites
from vodka.websites.model import Website
from vodka.websites.owners import store

KIND = "site_invitation"

_REFUSALS = {
    "invite_unproven": ("Only a website whose domain is proven can invite people.", "Prove the domain first."),
    "invite_here": ("This person keeps the website already.", ""),
    "invite_full": (
        "This website has as many people and invitations as it can have.",
        "Remove a person or withdraw an invitation first.",
    ),
    "heir_elsewhere": (
        "This person has proven the domain for a website of their own.",
        "Choose somebody else, or delete this website.",
    ),
}


def invite(website: Website, inviter: tuple[int, str], email: str, language: str, limits: Limits, vault: Vault) -> None:
    """Let the holder of a canonical address join, and tell them by mail; `inviter` is the owner's number and address.

    Raises InvalidInput, NotPermitted. Whether anybody has an account with the address makes no difference.
    """
    owner_id, address = inviter
    _need_owner(website, owner_id)
    if store.lock_verified(website.id) is None:
        raise _refusal("invite_unproven")
    people = store.list_co_owners(website.id)
    if email in {address, *(person.email for person in people)}:
        raise _refusal("invite_here")
    others = [row for row in store.list_invitations(website.id, clock.now()) if row.email != email]
    if len(people) + len(others) >= limits.co_owners_per_website:
        raise _refusal("invite_full")
    over = clock.after(limits.invitation_lifetime)
    store.keep_invitation(website.id, email, owner_id, over)
    audit.add("site.invited", user_id=owner_id, subject=website.domain)
    outbox.add(vault, KIND, email, language, {"domain": website.domain, "inviter": address}, over)


def accept(website_id: int, user_id: int, email: str) -> None:
    """Join a website by the invitation of one's address, which is used up; raises NotFound. Twice is once."""
    domain = store.lock_verified(website_id)
    if domain is not None and store.end_invitation(website_id, email, clock.now()):
        store.add_co_owner(website_id, user_id)
        audit.add("site.joined", user_id=user_id, subject=domain)
    elif store.find_kept(website_id, user_id) is None:
        raise NotFound("no living invitation to this address")


def decline(website_id: int, email: str) -> None:
    """Do without an invitation of one's address; raises NotFound."""
    if not store.end_invitation(website_id, email, clock.now()):
        raise NotFound("no living invitation to this address")


def withdraw(website: Website, owner_id: int, email: str) -> None:
    """Take an invitation back; one that is over changes nothing."""
    _need_owner(website, owner_id)
    store.end_invitation(website.id, email, clock.now())


def leave(website: Website, user_id: int) -> None:
    """Stop keeping a website; raises NotPermitted for its owner."""
    if not store.remove_co_owner(website.id, user_id):
        raise NotPermitted("owner_stays", "Hand the website over before you leave it, or delete it.")
    audit.add("site.left", user_id=user_id, subject=website.domain)


def remove(website: Website, owner_id: int, user_id: int) -> None:
    """Take a co-owner off a website; one who is not there any more changes nothing."""
    _need_owner(website, owner_id)
    if store.remove_co_owner(website.id, user_id):
        audit.add("site.removed_person", user_id=owner_id, subject=website.domain)
        audit.add("site.left", user_id=user_id, subject=website.domain, detail="removed")


def hand_over(website: Website, owner_id: int, heir: int) -> None:
    """Make a co-owner the owner and the owner a co-owner; raises NotFound for who is no co-owner, and InvalidInput."""
    _need_owner(website, owner_id)
    if heir not in {person.user_id for person in store.list_co_owners(website.id)}:
        raise NotFound("no such co-owner of this website")
    if not _give(website.id, website.domain, heir):
        raise _refusal("heir_elsewhere")
    store.add_co_owner(website.id, owner_id)
    audit.add("site.handed_over", user_id=owner_id, subject=website.domain)


def pass_on(user_id: int) -> None:
    """Give each website of somebody who goes to its oldest co-owner; one without co-owners goes with the account."""
    given: set[int] = set()
    for row in store.list_heirs(user_id):
        if row.website_id not in given and _give(row.website_id, row.domain, row.heir):
            given.add(row.website_id)


def end(website: Website, owner_id: int) -> None:
    """Delete a website with all that belongs to it: nobody can sign in there from now on."""
    _need_owner(website, owner_id)
    store.delete_website(website.id)
    audit.add("site.deleted", user_id=owner_id, subject=website.domain)


def _give(website_id: int, domain: str, heir: int) -> bool:
    """Make somebody the owner; not if they hold the domain by a proof of their own, which then is the better claim."""
    own = websites.find_claim(domain, heir)
    if own is not None:
        if own.verified_since is not None:
            return False
        store.delete_website(own.id)  # of one person's claims to a domain there is one
    store.remove_co_owner(website_id, heir)
    store.set_owner(website_id, heir)
    audit.add("site.handed_over", user_id=heir, subject=domain)
    return True


def _need_owner(website: Website, user_id: int) -> None:
    """Asked of the row, under its lock: who owned the website a moment ago may not any more."""
    if not store.lock_owned(website.id, user_id):
        raise NotPermitted("owner_only", "Only the owner of this website can do that.")


def _refusal(code: str) -> InvalidInput:
    public, hint = _REFUSALS[code]
    return InvalidInput(code, public, hint=hint)
