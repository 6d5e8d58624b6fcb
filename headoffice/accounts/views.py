"""Logging in, slowed down for whoever guesses, and one's own password."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash, views
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import check_for_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django.views.i18n import set_language

from headoffice.accounts import throttle
from headoffice.accounts.models import User
from headoffice.accounts.scope import for_anyone, for_members

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

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Go on in the language that this person chose, on whatever machine."""
        response = super().form_valid(form)
        if language := User.objects.get(pk=form.get_user().pk).language:
            _speak(response, language)
        return response

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """Count the wrong try."""
        throttle.failed(self._address(), self._account())
        return super().form_invalid(form)

    def _address(self) -> str:
        return f"login:{throttle.source_of(self.request)}"

    def _account(self) -> str:
        return f"account:{self.request.POST.get('username', '').lower()[:150]}"


@for_anyone
def choose_language(request: HttpRequest) -> HttpResponse:
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


@require_http_methods(["GET", "POST"])
@for_members
def own_password(request: HttpRequest) -> HttpResponse:
    """Change one's own password; asked of everybody whose password somebody else gave them."""
    user = request.user
    if not isinstance(user, User):
        raise TypeError("the page is for members only")
    form = PasswordChangeForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        user.must_change_password = False
        form.save()
        # Every other session of this person ends here, this one goes on.
        update_session_auth_hash(request, user)
        messages.success(request, _("Your new password is in force."))
        return redirect("today")
    status = 422 if form.errors else 200
    context = {"form": form, "given": user.must_change_password}
    return render(request, "accounts/password.html", context, status=status)
