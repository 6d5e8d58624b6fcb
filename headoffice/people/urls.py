"""Addresses about people: logging in, and who may."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from headoffice.accounts.access import for_public
from headoffice.people import sign_in, users

urlpatterns = [
    path("login", for_public(sign_in.LoginView.as_view()), name="login"),
    path("logout", for_public(LogoutView.as_view()), name="logout"),
    path("language", sign_in.save_language, name="set-language"),
    path("password", sign_in.own_password, name="own-password"),
    path("people/", users.people, name="people"),
    path("people/<int:person>", users.person, name="person"),
    path("people/<int:person>/deactivate", users.deactivate, name="deactivate-person"),
    path("people/<int:person>/remove", users.remove, name="remove-person"),
]
