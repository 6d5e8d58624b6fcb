"""Addresses about people: logging in, and who may."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from headoffice.accounts import management, views
from headoffice.accounts.scope import for_anyone

urlpatterns = [
    path("login", for_anyone(views.LoginView.as_view()), name="login"),
    path("logout", for_anyone(LogoutView.as_view()), name="logout"),
    path("language", views.choose_language, name="set-language"),
    path("password", views.own_password, name="own-password"),
    path("people/", management.people, name="people"),
    path("people/<int:person>", management.person, name="person"),
]
