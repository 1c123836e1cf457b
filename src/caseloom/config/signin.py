"""Who may open an account at the sign-in page: nobody. Administrators make staff accounts; customers have the
portal.
"""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class StaffAccounts(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-in by allauth, without sign-up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Always closed."""
        return False
