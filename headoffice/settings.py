"""Django's settings for the head office; what differs between machines comes from HYMIO_*.

Importing this changes nothing on disk: the programs in cli.py make the data folder and its key.
"""

import os
import secrets
from importlib.resources import files
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF

from headoffice.server import configuration, memory, secret_key
from headoffice.server.paths import data_folder
from headoffice.server.time_zone import default_zone

BASE = Path(__file__).parent
DATA = data_folder()

# Without a kept key (as under a type checker) sessions last as long as the process.
SECRET_KEY = secret_key.read_key(DATA) or secrets.token_urlsafe(64)
DEBUG = False
# Loopback names always; others are named by `serve --allow-host`.
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *os.environ.get("HYMIO_HOSTS", "").split()]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "headoffice.accounts",
    "headoffice.fleet",
    "headoffice.questionnaires",
    "headoffice.messages",
    "headoffice.timekeeping",
    "headoffice.notes",
    "headoffice.rollups",
    "headoffice.configuration",
    "headoffice.authoring",
    "headoffice.export",
    "headoffice.api",
    "headoffice.telemetry",
    "headoffice.walls",
]
MIDDLEWARE = [
    "headoffice.telemetry.middleware.measure_requests",
    "headoffice.web.kiosk_headers.keep_few_headers",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "headoffice.web.compression.CompressPages",
    "headoffice.web.static_files.StaticFiles",
    "headoffice.timekeeping.middleware.hold_while_in_doubt",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "headoffice.urls"
WSGI_APPLICATION = "headoffice.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "headoffice.web.navigation.navigation",
                "headoffice.timekeeping.notice.clock_notice",
                "headoffice.results.explanations.explained",
            ],
            "libraries": {"times": "headoffice.web.times"},
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["django.template.loaders.filesystem.Loader"],
                )
            ],
        },
    }
]

# --- database -----------------------------------------------------------------------------

DATABASES: dict[str, Any] = {}
if _postgresql := configuration.postgresql():
    DATABASES["default"] = _postgresql
    # Compiling a statement, or starting helpers for it, takes PostgreSQL longer than any here
    # runs: see bench/pages.py.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault(
        "options", "-c jit=off -c max_parallel_workers_per_gather=0 -c random_page_cost=1.1"
    )
else:
    memory.leave_sqlite_uncounted()
    DATABASES["default"] = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA / "headoffice.sqlite3",
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "timeout": 20,
            # A writer that starts by reading would otherwise fail instead of waiting its turn.
            "transaction_mode": "IMMEDIATE",
            # Statements and pages are kept once for each thread's connection; the system's own
            # cache holds the file anyway.
            "cached_statements": 64,
            # FULL: a receipt promises that the answers outlive a power cut.
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-2000;"
            ),
        },
        # A file, so that the tests' threads see one database as the server's threads do.
        "TEST": {"NAME": os.environ.get("HYMIO_TEST_SQLITE") or None},
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- people -------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
] + [{"NAME": "headoffice.accounts.passwords.VisibleCharacters"}]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "today"
LOGOUT_REDIRECT_URL = "login"
SESSION_ENGINE = "headoffice.accounts.sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True

# --- the way in ---------------------------------------------------------------------------

# `serve` says whether it speaks TLS itself or stands behind a proxy that does.
TLS = os.environ.get("HYMIO_TLS") == "1"
BEHIND_PROXY = os.environ.get("HYMIO_BEHIND_PROXY") == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = TLS or BEHIND_PROXY
# With this prefix browsers take a cookie from this very host alone, and over TLS (RFC 6265bis).
_PREFIX = "__Host-" if SESSION_COOKIE_SECURE else ""
SESSION_COOKIE_NAME = f"{_PREFIX}hymio_session"
CSRF_COOKIE_NAME = f"{_PREFIX}hymio_csrf"
KNOWN_COOKIE_NAME = f"{_PREFIX}hymio_known"
LANGUAGE_COOKIE_NAME = f"{_PREFIX}hymio_language"
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Told over TLS alone, also if a proxy says so.
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if TLS or BEHIND_PROXY else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
CSRF_FAILURE_VIEW = "headoffice.web.problems.csrf_failure"

# --- static files: straight from the package, no collecting -------------------------------

STATIC_URL = "/static/"
STATICFILES_DIRS = [
    BASE / "static",
    ("faces", str(files("assets") / "faces")),
]
STATICFILES_FINDERS = ["headoffice.web.static_files.PageFiles"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "headoffice.web.static_files.HashedFiles"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 60

# --- language and time --------------------------------------------------------------------

USE_I18N = True
LANGUAGE_CODE = "en"
# Each by its own name, so that it can be found by those who read no other.
LANGUAGES = [
    ("en", "English"),
    ("fi", "suomi"),
    ("sv", "svenska"),
    ("de", "Deutsch"),
    ("it", "italiano"),
    ("hu", "magyar"),
    ("pl", "polski"),
]
LOCALE_PATHS = [BASE / "locale"]
FORMAT_MODULE_PATH = ["headoffice.formats"]
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
USE_TZ = True
DEFAULT_ZONE = default_zone()
TIME_ZONE = DEFAULT_ZONE.name

# --- results ------------------------------------------------------------------------------

PRIVACY_MINIMUM = configuration.whole_number("HYMIO_PRIVACY_MINIMUM", 5, "responses")
"""No figure is drawn from fewer responses than this."""
CONTACT_DAYS = configuration.whole_number("HYMIO_CONTACT_DAYS", 90, "days")
"""Contact details can be read for so many days after they came."""

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "filters": {
        "outages": {"()": "headoffice.db.outages.OneLineForOneTrouble"},
        "limited": {"()": "headoffice.accounts.security_log.LimitedLines"},
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "plain",
            "filters": ["outages", "limited"],
        }
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        # Every refused request would be a line otherwise; refusals are answered, not logged.
        "django.request": {"level": "ERROR"},
        "hymio.security": {"level": "INFO"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        # Django's own handler mails administrators; here is one stream.
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
    },
}
