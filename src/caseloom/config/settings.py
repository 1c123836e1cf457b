"""Django's settings, one file for all installations; what differs between them comes from the environment.

| variable | meaning | default |
|---|---|---|
| `CASELOOM_HOME` | data folder | `.caseloom` |
| `DATABASE_URL` | PostgreSQL 15 or newer, any connection string of libpq | the embedded server |
| `CASELOOM_POOL` | most connections of one process | 12 |
| `SECRET_KEY` | signs sessions and links | made once, kept in the data folder |
| `CASELOOM_MASTER_KEY` | 64 hexadecimal digits, encrypts persons' keys | made once, kept in the data folder |
| `CASELOOM_URL` | the address people use | `http://localhost:8000` |
| `CASELOOM_HOSTS` | further host names, by commas | |
| `CASELOOM_PROXY` | `1` behind a proxy that sets X-Forwarded-Proto | |
| `CASELOOM_LANGUAGE` | language of those who ask for none | `en` |
| `CASELOOM_OIDC_URL`, `_ID`, `_SECRET`, `_NAME` | sign-in by the house's own OpenID provider | |
| `CASELOOM_MAIL_DOMAIN` | our mail domains, by commas; the first stands in what we send | `localhost` |
| `CASELOOM_MAIL_ADDRESS` | the address that letters come from | `service@` the first domain |
| `CASELOOM_MAIL_NAME` | the name of the house, in letters | `Caseloom` |
| `CASELOOM_MAIL_TEAM` | team of mails that nobody recognises | the first team of the house rules |
| `CASELOOM_SMTP_LISTEN` | where mail is taken by SMTP, `host:port` or `off` | `127.0.0.1:2525` |
| `CASELOOM_SMTP_URL` | where mail is handed over: `smtp://`, `smtp+starttls://`, `smtps://` | `smtp://localhost:25` |
| `CASELOOM_IMAP_URLS` | mailboxes to read, by blanks: `imaps://user:password@host/INBOX?after=move:Done` | |
| `CASELOOM_STREAMS` | most desks that listen to one web process; each holds a thread | 64 |
| `CASELOOM_LOG_LEVEL` | `DEBUG`, `INFO`, `WARNING` | `INFO` |
"""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from caseloom.config.database import database_settings, database_url
from caseloom.config.home import home_folder, master_key, secret_key
from caseloom.config.mail import smtp_server

BASE_DIR = Path(__file__).resolve().parent.parent
CASELOOM_HOME = home_folder(os.environ)
CASELOOM_URL = os.environ.get("CASELOOM_URL", "http://localhost:8000").rstrip("/")
CASELOOM_MASTER_KEY = master_key(os.environ, CASELOOM_HOME)
SECRET_KEY = secret_key(os.environ, CASELOOM_HOME)
DEBUG = False

_address = urlsplit(CASELOOM_URL)
_hosts = [host.strip() for host in os.environ.get("CASELOOM_HOSTS", "").split(",") if host.strip()]
ALLOWED_HOSTS = [_address.hostname or "localhost", "localhost", "127.0.0.1", "[::1]", *_hosts]

INSTALLED_APPS = [
    "caseloom.config",
    "caseloom.web",
    "caseloom.learning",
    "caseloom.channels",
    "caseloom.cases",
    "caseloom.library",
    "caseloom.customers",
    "caseloom.staff",
    "caseloom.streams",
    "caseloom.foundation",
    "procrastinate.contrib.django",
    "ninja",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "caseloom.staff.site.HouseAdmin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "caseloom.config.headers.SecurityHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

CASELOOM_STREAMS = int(os.environ.get("CASELOOM_STREAMS", "64"))
ROOT_URLCONF = "caseloom.config.urls"
WSGI_APPLICATION = "caseloom.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASES = {
    "default": database_settings(
        database_url(os.environ, CASELOOM_HOME), pool_size=int(os.environ.get("CASELOOM_POOL", "12"))
    )
}
CASELOOM_MAIL_DOMAIN = os.environ.get("CASELOOM_MAIL_DOMAIN") or "localhost"
CASELOOM_MAIL_ADDRESS = os.environ.get("CASELOOM_MAIL_ADDRESS") or f"service@{CASELOOM_MAIL_DOMAIN.partition(',')[0]}"
CASELOOM_MAIL_NAME = os.environ.get("CASELOOM_MAIL_NAME") or "Caseloom"
CASELOOM_MAIL_TEAM = os.environ.get("CASELOOM_MAIL_TEAM") or ""
CASELOOM_SMTP_LISTEN = os.environ.get("CASELOOM_SMTP_LISTEN") or "127.0.0.1:2525"
CASELOOM_SMTP_URL = os.environ.get("CASELOOM_SMTP_URL") or "smtp://localhost:25"
_server = smtp_server(CASELOOM_SMTP_URL)
# What Django mails by itself (a forgotten password) goes the way of our letters.
EMAIL_HOST, EMAIL_PORT = _server.host, _server.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _server.user, _server.password
EMAIL_USE_TLS, EMAIL_USE_SSL = _server.security == "starttls", _server.security == "tls"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = f"{CASELOOM_MAIL_NAME} <{CASELOOM_MAIL_ADDRESS}>"
CASELOOM_IMAP_URLS = os.environ.get("CASELOOM_IMAP_URLS") or ""

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PROCRASTINATE_WORKER_DEFAULTS = {"fetch_job_polling_interval": 0.3, "shutdown_graceful_timeout": 10.0}

AUTH_USER_MODEL = "staff.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "caseloom.config.signin.StaffAccounts"
ACCOUNT_LOGIN_METHODS = {"email", "username"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# WebAuthn wants a secure origin; browsers count localhost as one, the library does not (W3C WebAuthn 2 §5).
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = _address.scheme == "http"
# The house's own provider vouches for its addresses.
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True


def _openid_apps() -> list[dict[str, Any]]:
    if not os.environ.get("CASELOOM_OIDC_URL"):
        return []
    return [
        {
            "provider_id": "house",
            "name": os.environ.get("CASELOOM_OIDC_NAME", "Single sign-on"),
            "client_id": os.environ["CASELOOM_OIDC_ID"],
            "secret": os.environ["CASELOOM_OIDC_SECRET"],
            "settings": {"server_url": os.environ["CASELOOM_OIDC_URL"]},
        }
    ]


SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": _openid_apps()}}

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = os.environ.get("CASELOOM_LANGUAGE", "en")
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]

STATIC_URL = "/static/"
STATIC_ROOT = CASELOOM_HOME / "static"
STATIC_ROOT.mkdir(exist_ok=True)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "caseloom.config.bundle.BundleStorage"},
}
# Before the first collection they are served from where the packages hold them.
WHITENOISE_USE_FINDERS = not (STATIC_ROOT / "staticfiles.json").exists()

_secure = _address.scheme == "https"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = _secure
SESSION_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "caseloom.web.home.csrf_failed"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
CSRF_TRUSTED_ORIGINS = [CASELOOM_URL]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if _secure else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if os.environ.get("CASELOOM_PROXY") == "1" else None
X_FRAME_OPTIONS = "SAMEORIGIN"
DATA_UPLOAD_MAX_MEMORY_SIZE = 25 * 1024 * 1024

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"ids": {"()": "caseloom.config.logs.IdLines"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "ids"}},
    "root": {"handlers": ["console"], "level": os.environ.get("CASELOOM_LOG_LEVEL", "INFO")},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        # Pages that were not found would fill the log with what strangers try.
        "django.request": {"level": "ERROR"},
        "procrastinate": {"level": "WARNING"},
        # They tell each step of each letter, and the fonts that they could not find.
        "weasyprint": {"level": "ERROR"},
        "weasyprint.progress": {"level": "ERROR"},
        "fontTools": {"level": "ERROR"},
        # The SMTP server tells each address that it hears.
        "mail": {"level": "ERROR"},
    },
}
