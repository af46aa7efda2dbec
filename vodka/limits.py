"""Every number of vodka, once, with its source and its enforcer; lifetimes and intervals are in seconds.

A deployment overrides one by `VODKA_LIMITS__<NAME>`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """The numbers in force."""

    # Asking for a code
    resend_interval: int = 30  # SPEC A; per address and lane; enforced by login.email_code.ask
    mails_per_client_ip: int = 6  # SPEC A; per hour, IPv6 by /64; enforced by login.throttle.spend_mail
    mails_per_wide_prefix: int = 60  # per hour and IPv6 /48 (traps T6); enforced by login.throttle.spend_mail
    mails_per_crowded_network: int = 600  # per hour, for networks named in VODKA_CROWDED_NETWORKS; same enforcer
    mails_per_address_quarter: int = 5  # per 15 min, unknown devices: mail bombing; same enforcer
    mails_per_address_hour: int = 10  # attacks ASK-11; same enforcer
    mails_per_address_day: int = 20  # same enforcer

    # Answering
    attempts_per_question: int = 5  # SPEC B; enforced by login.email_code.answer
    answers_per_client_ip: int = 60  # per hour, attacks ANS-24; enforced by login.throttle.spend_answer
    failures_per_address: int = 100  # in a row, NIST 800-63B §5.2.2; enforced by login.throttle.is_guessed_at
    wrong_answers_overall: int = 500  # per hour, attacks ASK-34, ANS-25; enforced by login.throttle.codes_are_stopped
    code_lifetime: int = 600  # NIST 800-63B §5.1.3.2; enforced by login.email_code.ask
    link_lifetime: int = 4 * 3600  # FLOWS 5; enforced by login.email_code.ask
    not_me_freeze: int = 3600  # after "this was not me" strangers get only links, field C8; enforced by login.not_me
    not_me_cost: int = 6  # mails of the asker's hour: all that one client has; enforced by login.throttle.strike

    # Being logged in
    session_lifetime: int = 7 * 86400  # SPEC B; enforced by sessions.lifecycle.open_session
    sessions_per_user: int = 10  # ASVS 7.1.2, attacks SES-19; enforced by sessions.lifecycle.open_session
    fresh_login: int = 600  # to delete an account, to operate, ASVS 7.5.1; enforced by holdings.deletion.is_fresh
    device_lifetime: int = 180 * 86400  # faults §5.2; enforced by login.devices.lane

    # Passkeys
    passkey_challenge_lifetime: int = 300  # WebAuthn §15.1; enforced by login.passkeys.challenge.create
    passkey_lifetime: int = 180 * 86400  # the mailbox is proven anew; enforced by login.passkeys.sign_in.prove
    passkeys_per_user: int = 10  # enforced by login.passkeys.registration.begin
    passkey_challenges_per_client_ip: int = 600  # per hour; enforced by login.throttle.spend_passkey_challenge
    passkeys_per_client_ip: int = 120  # per hour; enforced by login.throttle.spend_passkey

    # Handing over
    consent_ticket_lifetime: int = 600  # our contract; enforced by consent.ticket
    consent_memory: int = 30 * 86400  # the student's choice "30 days"; enforced by consent.remembered.until
    data_jwt_lifetime: int = 60  # it travels in a URL; enforced by handoff.website.issue
    authorization_code_lifetime: int = 60  # RFC 6749 §4.1.2; enforced by handoff.redeem.promise
    scoped_code_lifetime: int = 60  # FLOWS "a very short amount of time"; enforced by handoff.scoped.entering
    scoped_codes_in_vain: int = 4  # then it is a circle, and said to be one; enforced by handoff.scoped.entering
    identity_jwt_lifetime: int = 60  # X-Vodka-Identity, made anew for later requests; enforced by handoff.identity
    identity_jwt_reuse: int = 10  # seconds in which one is sent again; enforced by handoff.identity
    clock_leeway: int = 60  # faults F-16; enforced by keys.ring, sessions.claims

    # OAuth 2 and OpenID Connect
    access_token_lifetime: int = 600  # our contract; enforced by oauth.tokens.access
    id_token_lifetime: int = 600  # it says who signed in, once; enforced by oauth.tokens.identity
    dpop_proof_lifetime: int = 60  # from `iat` on, RFC 9449 §11.1; enforced by oauth.tokens.dpop
    resources_per_request: int = 4  # each lengthens the token, RFC 8707; enforced by oauth.resources
    exchanges_in_a_row: int = 3  # from service to service, RFC 8693 §4.1; enforced by oauth.grants.token_exchange
    refresh_token_lifetime: int = 30 * 86400  # absolute, RFC 9700 §4.14; enforced by oauth.tokens.refreshing
    refresh_grace: int = 10  # seconds in which a token that was just used is good again; same enforcer
    refresh_grace_uses: int = 2  # how often; same enforcer
    clients_per_website: int = 20  # that its owners make; enforced by oauth.owned.making
    secrets_per_client: int = 2  # live at a time, for rotation; enforced by oauth.registry
    registration_token_lifetime: int = 86400  # initial access tokens; enforced by oauth.registration.initial_tokens
    registration_tokens_per_website: int = 5  # alive at a time; same enforcer
    sector_timeout: float = 5.0  # enforced by oauth.registration.sector
    sector_size: int = 64 * 1024  # bytes of a sector document; same enforcer
    document_timeout: float = 5.0  # of a client's metadata document; enforced by oauth.registration.documents
    document_size: int = 5 * 1024  # bytes; same enforcer
    document_cache: int = 3600  # it is read again after this; same enforcer
    document_kept: int = 86400  # and is good no longer than this where it cannot be; same enforcer
    document_visits_per_minute: int = 12  # of one website; enforced by app, in web.plumbing.ratelimit
    login_wait: int = 4 * 3600  # as long as the link in the mail; enforced by oauth.authorize.wish
    request_length: int = 4000  # characters of an authorization request; enforced by oauth.authorize.wish

    # Devices that a person signs in from elsewhere
    device_code_lifetime: int = 600  # RFC 8628 §3.2; enforced by oauth.device.endpoint
    device_interval: int = 5  # between two polls, and what slow_down adds, RFC 8628 §3.5; same enforcer
    device_codes_per_client_ip: int = 60  # per hour, public clients; enforced by login.throttle.spend_device_code
    user_codes_per_client_ip: int = 120  # typed in an hour, RFC 8628 §5.1; enforced by login.throttle.spend_user_code
    user_codes_per_person: int = 20  # typed in an hour; same enforcer

    # Passwords, for programs that cannot do better
    password_shortest: int = 12  # characters, NIST 800-63B §5.1.1.2; enforced by accounts.passwords
    password_longest: int = 128  # characters; same enforcer
    password_own: int = 8  # characters left without names, sequences and repetitions; same enforcer
    password_memory: int = 19 * 1024  # KiB, Argon2id, traps T21; same enforcer
    password_passes: int = 2  # same enforcer
    password_hashes: int = 2  # at once, in one process; enforced by app, in accounts.passwords
    password_wait: float = 3.0  # for one's turn; enforced by accounts.passwords
    password_lifetime: int = 180 * 86400  # the mailbox is proven anew; enforced by accounts.passwords
    passwords_per_address: int = 20  # wrong ones in an hour, attacks OTT-15; enforced by login.throttle.spend_password
    passwords_per_device: int = 20  # wrong ones in an hour, of a browser that the account knows; same enforcer
    passwords_per_client_ip: int = 120  # wrong ones in an hour; same enforcer

    # Telling clients that a session has ended
    logout_token_lifetime: int = 120  # OIDC Back-Channel Logout §2.4; enforced by oauth.logout.backchannel
    logout_timeout: float = 5.0  # for a client's answer; enforced by oauth.logout.backchannel
    logout_wait: float = 1.5  # how long a person waits for all clients; enforced by web.plumbing.oauth.leaving
    logout_answer_size: int = 4096  # bytes that are read of an answer; enforced by oauth.logout.backchannel
    logout_tellers: int = 8  # clients told at once; same enforcer
    logout_tries: int = 8  # then a client is given up; same enforcer
    logout_retry: int = 15  # the first pause, each four times the one before: about a day in all; same enforcer

    # What clients sign and publish
    assertion_lifetime: int = 3600  # RFC 7523 §3: how far ahead exp may lie; enforced by oauth.client_auth.assertion
    assertion_id_length: int = 256  # characters of a jti; enforced by oauth.client_auth.assertion
    client_fetch_timeout: float = 3.0  # for jwks_uri and request_uri; enforced by oauth.client_auth.published
    client_fetches_at_once: int = 4  # in one process; enforced by oauth.client_auth.published
    client_keys_size: int = 32 * 1024  # bytes of what jwks_uri holds; enforced by oauth.client_auth.keys
    client_keys_tried: int = 10  # that fit one signature; enforced by oauth.client_auth.keys
    client_keys_cache: int = 600  # how long what jwks_uri said is believed; enforced by oauth.client_auth.keys
    client_keys_pause: int = 30  # between two looks at one jwks_uri; enforced by oauth.client_auth.keys
    client_keys_kept: int = 300  # of how many jwks_uri in one process; enforced by oauth.client_auth.keys
    request_object_length: int = 12 * 1024  # characters; enforced by oauth.authorize.request_object
    pushed_request_lifetime: int = 90  # RFC 9126 §2.2: 5 to 600 seconds; enforced by oauth.authorize.pushed

    # Websites
    challenge_lifetime: int = 7 * 86400  # attacks DOM-15; enforced by websites.verification.challenge_of
    recheck_interval: int = 86400  # our contract; enforced by websites.recheck
    recheck_grace: int = 72 * 3600  # three failures over this time suspend; enforced by websites.recheck
    recheck_failures: int = 3  # same enforcer
    recheck_failures_told: int = 2  # one is an outage; from here on visitors are told; enforced by websites.registry
    visits_at_once: int = 4  # of websites, in one process; enforced by app, in web.plumbing.sites.visiting
    site_checks_per_minute: int = 6  # "Check now", per person; enforced by app, in web.plumbing.ratelimit
    websites_per_user: int = 20  # claims of one person; enforced by websites.owners.claiming
    co_owners_per_website: int = 10  # with those who are invited; enforced by websites.owners.membership
    invitation_lifetime: int = 7 * 86400  # enforced by websites.owners.membership
    invitations_per_day: int = 20  # by one person; enforced by web.websites.people
    invitation_interval: int = 86400  # of one address to one domain; enforced by web.websites.people
    addresses_per_website: int = 20  # callbacks, and origins; enforced by websites.answering
    secrets_per_website: int = 2  # live at a time, for rotation; enforced by websites.secrets
    refusals_per_day: int = 200  # kept for one website; enforced by websites.watch.refusals
    reports_per_day: int = 10  # of one person about websites; enforced by web.websites.report
    report_mail_interval: int = 86400  # to operators, since the last open report; enforced by websites.watch.reports
    data_requests_per_minute: int = 120  # attacks DAT-10, per session; enforced by app, in web.plumbing.ratelimit

    # The outside world
    directory_timeout: float = 3.0  # our contract; enforced by adapters.directory_remote
    directory_size: int = 256 * 1024  # bytes; enforced by adapters.directory_remote
    directory_cache: int = 86400  # our contract; enforced by accounts.people
    directory_unknown_cache: int = 600  # a new student appears soon; enforced by accounts.people
    breaker_failures: int = 5  # attacks DIR-07, in a row; enforced by adapters.directory_choice, in adapters.breaker
    breaker_pause: int = 30  # same enforcer
    proof_timeout: float = 5.0  # attacks DOM-09, DOM-17; enforced by websites.verification
    proof_size: int = 64 * 1024  # bytes, attacks DOM-09; enforced by websites.verification
    logo_timeout: float = 5.0  # for the fetch, and again for drawing it anew; enforced by websites.logos
    logo_size: int = 256 * 1024  # bytes, of what comes and of what is kept; enforced by websites.logos
    logo_longest: int = 4096  # pixels a side before it is decoded; enforced by websites.logos
    logo_side: int = 192  # pixels a side as it is shown; enforced by websites.logos
    logo_tries_per_minute: int = 6  # by one person; enforced by app, in web.plumbing.ratelimit

    # Mail
    mail_connect_timeout: float = 5.0  # faults F-02; enforced by app, in adapters.mail
    mail_phase_timeout: float = 10.0  # faults F-02; enforced by app, in adapters.mail
    mail_senders: int = 2  # at once, faults F-02; enforced by outbox.delivery
    worker_lease: int = 30  # one worker at a time; enforced by worker
    worker_pause: float = 0.5  # between looks at the outbox; enforced by worker

    # Requests
    body_size: int = 16 * 1024  # bytes, traps T9; enforced by app, as Flask's MAX_CONTENT_LENGTH
    state_length: int = 1024  # characters, attacks TOK-17; enforced by web.authorize
    redirect_length: int = 2048  # characters, attacks RED-26; enforced by websites.registry
    keyring_cache: int = 5  # how late a worker may learn of a new key; enforced by keys.ring
    jwks_cache: int = 300  # Cache-Control of the JWKS; enforced by web.front_lane
    key_publish_ahead: int = 600  # a new key is published this long before it signs; enforced by keys.ring

    # Retention (faults §5.5); each enforced by janitor.clean
    keep_questions: int = 86400
    keep_mails: int = 86400
    keep_sessions: int = 30 * 86400  # after their end: signed out, displaced or over
    keep_unused_sessions: int = 600  # opened, and their cookie never shown: faults F-18, attacks ANS-26
    keep_tallies: int = 2 * 86400
    keep_audit: int = 365 * 86400
    keep_networks: int = 7 * 86400  # where events came from, and sessions that ended
    keep_refusals: int = 30 * 86400  # the feed of a website
    keep_invitations: int = 86400  # after their end
    keep_site_codes: int = 86400
    keep_authorization_codes: int = (
        86400  # a second use is noticed for so long; and the tokens of a grant after its end
    )
    keep_grants: int = 30 * 86400  # after their end, as of sessions
    keep_grants_of_clients: int = 86400  # what clients gave themselves, after its end
    keep_registration_tokens: int = 86400  # after their end
    keep_device_codes: int = 86400
    keep_client_documents: int = 90 * 86400  # which nobody asked for since, with all that was granted to their clients
    keep_unproven_domains: int = 30 * 86400
