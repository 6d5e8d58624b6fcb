"""Logging in, slowed down for whoever guesses, and one's own password."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash, views
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django.views.i18n import set_language

from headoffice.accounts import known_places, throttle
from headoffice.accounts.access import Person, for_members, for_public
from headoffice.accounts.models import Role, User
from headoffice.accounts.security_log import record, record_guess
from headoffice.accounts.throttle import Limit

TRIES_PER_SOURCE = known_places.TRIES_PER_SOURCE
TRIES_PER_ACCOUNT = known_places.TRIES_PER_ACCOUNT


class LogInForm(AuthenticationForm):
    """Name and password; every try is counted before the password is looked at."""

    wait = 0
    """Seconds to the next try, if there were too many."""

    def clean(self) -> dict[str, Any]:
        """Count by the name that will be looked for, as the field has cleaned it."""
        name = self.cleaned_data.get("username")
        if self.request is None or not (name and self.cleaned_data.get("password")):
            # Nothing is looked at then.
            return self.cleaned_data
        limits = known_places.log_in_limits(self.request, name)
        try:
            throttle.count_try(*limits)
        except throttle.ThrottledError as error:
            self.wait = error.seconds
            record_guess("login.locked")
            raise ValidationError(_too_many(error.seconds), code="throttled") from None
        try:
            said = super().clean()
        except ValidationError:
            record_guess("login.failed", User.objects.filter(username=name).first())
            raise
        throttle.give_back(*limits)
        return said


class LoginView(views.LoginView):
    """Name and password, ten wrong tries per account in ten minutes."""

    template_name = "accounts/login.html"
    authentication_form = LogInForm
    redirect_authenticated_user = True

    def get_default_redirect_url(self) -> str:
        """Where somebody begins: managers with their shop, unless they asked for another page."""
        return _first_page(self.request.user)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Go on in the language that this person chose, on whatever machine."""
        response = super().form_valid(form)
        user = User.objects.get(pk=form.get_user().pk)
        known_places.remember(self.request, response, user)
        record("login", user, user)
        if user.language:
            _speak(response, user.language)
        return response

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """Say that it was wrong, or how long to wait."""
        wait = form.wait if isinstance(form, LogInForm) else 0
        if not wait:
            return super().form_invalid(form)
        context = self.get_context_data(form=LogInForm(self.request), throttled=_too_many(wait))
        response = self.render_to_response(context)
        response.status_code = 429
        response["Retry-After"] = str(wait)
        return response


def _first_page(user: Person) -> str:
    is_manager = isinstance(user, User) and user.role == Role.MANAGER
    return resolve_url("shop" if is_manager else "today")


def _too_many(seconds: int) -> str:
    minutes = -(-seconds // 60)
    return ngettext(
        "Too many wrong tries. Please wait %(n)d minute.",
        "Too many wrong tries. Please wait %(n)d minutes.",
        minutes,
    ) % {"n": minutes}


@for_public
def save_language(request: HttpRequest) -> HttpResponse:
    """Remember the language in this browser and, of who is logged in, for every other one."""
    response = set_language(request)
    language = request.POST.get("language", "")
    if request.method == "POST" and isinstance(request.user, User) and check_for_language(language):
        User.objects.filter(pk=request.user.pk).update(language=language)
    return response


def _speak(response: HttpResponse, language: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )


class OwnPasswordForm(PasswordChangeForm):
    """The present password, whose wrong tries are counted too, and another one twice."""

    wait = 0

    def clean_old_password(self) -> str:
        """Who found an open page may not try passwords without an end."""
        limit = Limit(f"password:{self.user.pk}", TRIES_PER_ACCOUNT)
        try:
            throttle.count_try(limit)
        except throttle.ThrottledError as error:
            self.wait = error.seconds
            raise ValidationError(_too_many(error.seconds), code="throttled") from None
        try:
            said = super().clean_old_password()
        except ValidationError:
            record_guess("password.refused", self.user)
            raise
        throttle.give_back(limit)
        return str(said)


@require_http_methods(["GET", "HEAD", "POST"])
@for_members
def own_password(request: HttpRequest) -> HttpResponse:
    """Change one's own password; asked of everybody whose password somebody else gave them."""
    user = request.user
    if not isinstance(user, User):
        raise TypeError("the page is for members only")
    form = OwnPasswordForm(user, request.POST or None)
    then = request.GET.get("next", "")
    secure = request.is_secure()
    if not url_has_allowed_host_and_scheme(then, {request.get_host()}, require_https=secure):
        then = ""
    if request.method == "POST" and form.is_valid():
        user.must_change_password = False
        form.save()
        # Every other session of this person ends here, this one goes on.
        update_session_auth_hash(request, user)
        record("password.changed", user, user)
        messages.success(request, _("Your password has been changed."))
        return redirect(then or _first_page(user))
    context = {"form": form, "given": user.must_change_password}
    status = 429 if form.wait else 422 if form.errors else 200
    response = render(request, "accounts/password.html", context, status=status)
    if form.wait:
        response["Retry-After"] = str(form.wait)
    return response
