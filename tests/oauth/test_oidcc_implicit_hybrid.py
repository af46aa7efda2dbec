"""The Implicit and Hybrid plans: the modules of the Basic plan, for each response type with tokens in the answer."""

from __future__ import annotations

from tests.oauth import test_oidcc_basic, test_oidcc_basic_more
from tests.oauth.plans import Plan, modules_of, plan, pytest_generate_tests, with_front_id_token

__all__ = ["plan", "pytest_generate_tests"]
PLANS = [
    ("id_token", None),
    ("id_token token", None),
    ("code id_token", None),
    ("code token", None),
    ("code id_token token", None),
]
globals().update(modules_of(test_oidcc_basic, test_oidcc_basic_more))


@with_front_id_token
def test_oidcc_ensure_request_without_nonce_fails(plan: Plan) -> None:
    """OIDC Core §3.2.2.1, §3.3.2.11: nonce is required where an ID Token comes from the authorization endpoint."""
    plan.refused(plan.ask(plan.vodka.browser(), nonce=None), "invalid_request")
