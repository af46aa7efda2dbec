"""The three Form Post plans: the same modules, with the answer in a form that the browser posts (Form Post Response Mode §2)."""

from __future__ import annotations

from tests.oauth import test_oidcc_basic, test_oidcc_basic_more, test_oidcc_implicit_hybrid
from tests.oauth.plans import modules_of, plan, pytest_generate_tests

__all__ = ["plan", "pytest_generate_tests"]
PLANS = [("code", "form_post"), ("id_token", "form_post"), ("code id_token token", "form_post")]
globals().update(modules_of(test_oidcc_basic, test_oidcc_basic_more, test_oidcc_implicit_hybrid))
