"""Logging in, slowed down for whoever guesses."""

import functools
from collections.abc import Callable

from django.contrib.auth import views
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.translation import ngettext

from headoffice.accounts import throttle

TRIES_PER_SOURCE = 20
TRIES_PER_ACCOUNT = 10


class LoginView(views.LoginView):
    """Name and password, ten wrong tries per account in ten minutes."""

    template_name = "accounts/login.html"
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """Check the throttle before the password."""
        wait = max(
            throttle.wait_seconds(self._address(), limit=TRIES_PER_SOURCE),
            throttle.wait_seconds(self._account(), limit=TRIES_PER_ACCOUNT),
        )
        if wait:
            minutes = -(-wait // 60)
            message = ngettext(
                "Too many wrong tries. Please wait %(n)d minute.",
                "Too many wrong tries. Please wait %(n)d minutes.",
                minutes,
            ) % {"n": minutes}
            response = self.render_to_response(
                self.get_context_data(form=AuthenticationForm(request), throttled=message)
            )
            response.status_code = 429
            response["Retry-After"] = str(wait)
            return response
        return super().post(request, *args, **kwargs)

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """Count the wrong try."""
        throttle.failed(self._address(), self._account())
        return super().form_invalid(form)

    def _address(self) -> str:
        return f"login:{throttle.source_of(self.request)}"

    def _account(self) -> str:
        return f"account:{self.request.POST.get('username', '').lower()[:150]}"


def member_required(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Only for people who are logged in; others are led to the login page.

    A live page that lost its session is told to go there as a whole.
    """

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if request.user.is_authenticated:
            response = view(request, *args, **kwargs)
            response["Cache-Control"] = "no-store"
            return response
        login = resolve_url("login")
        if request.headers.get("HX-Request"):
            return HttpResponse(status=204, headers={"HX-Redirect": login})
        return redirect(f"{login}?next={request.path}")

    return guarded
