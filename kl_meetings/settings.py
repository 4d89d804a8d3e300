"""All settings, from environment variables only; `.env.example` lists them. Importing has no effects."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django_stubs_ext
from csp.constants import NONE, SELF

from kl_meetings import environment
from kl_meetings.environment import Environment

# Lets admin classes and forms name their model, as in ModelAdmin[Meeting], which Django itself does not allow
# at run time.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent

env = Environment(os.environ)

# -- where we are ----------------------------------------------------------------------------------

SECRET_KEY = env.read("SECRET_KEY", environment.secret_key, default="", required=True, secret=True)
# What was signed with these is still believed, nothing is signed with them: while a key is being changed.
_NO_KEYS: list[str] = []
SECRET_KEY_FALLBACKS = env.read(
    "SECRET_KEY_FALLBACKS", environment.secret_keys, default=_NO_KEYS, secret=True
)
DEBUG = env.read("DEBUG", environment.boolean, default=False)

# What links in letters and mails begin with.
PUBLIC_URL = env.read("PUBLIC_URL", environment.origin, default="http://127.0.0.1:8000")
_public = urlsplit(PUBLIC_URL)
_is_https = _public.scheme == "https"

ALLOWED_HOSTS = env.read(
    "ALLOWED_HOSTS",
    environment.hosts,
    default=sorted({_public.hostname or "", "localhost", "127.0.0.1", "[::1]"}),
)
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

# Everything that the program writes lies in this folder: the SQLite database, the queue, mails and uploaded
# files.
DATA_DIR = env.read("DATA_DIR", lambda value: BASE_DIR / value, default=BASE_DIR / "var")

# The accessibility statement that the law on accessibility of public bodies' web sites asks for.
WAS_STATEMENT_URL = env.read(
    "WAS_STATEMENT_URL", environment.web_page, default="https://www.was.digst.dk/kl-dk"
)

# While it is on, or while there is such a file, the public sees a page that says so: see `maintenance`.
MAINTENANCE = env.read("MAINTENANCE", environment.boolean, default=False)
MAINTENANCE_FILE = DATA_DIR / "maintenance"

# -- what we are made of ---------------------------------------------------------------------------

INSTALLED_APPS = [
    # Before `kl_meetings`, whose admin takes its page of secrets away.
    "django_otp.plugins.otp_totp",
    "kl_meetings",
    "registrations.apps.RegistrationsConfig",
    "invitations.apps.InvitationsConfig",
    "crispy_forms",
    "csp",
    "kl_meetings.admin_site.MeetingsAdminConfig",
    "kl_meetings.logins.apps.LoginsConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "kl_meetings.request_log.request_log",
    "kl_meetings.health.health",
    # These three come before whatever answers by itself, so that no answer goes without their headers.
    "kl_meetings.headers.HeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Outside of all that still reads or changes a page.
    "kl_meetings.compression.PageCompression",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "kl_meetings.maintenance.maintenance",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "kl_meetings.logins.backend.open_sessions_only",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "kl_meetings.nul.NulMiddleware",
]

ROOT_URLCONF = "kl_meetings.urls"
WSGI_APPLICATION = "kl_meetings.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The letters print addresses without a slash at the end.
APPEND_SLASH = False

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "kl_meetings.context_processors.site",
                "invitations.context_processors.sender",
            ],
        },
    },
]

FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_TEMPLATE_PACK = "kl"
CRISPY_ALLOWED_TEMPLATE_PACKS = ["kl"]

# -- language and time -----------------------------------------------------------------------------

LANGUAGE_CODE = "da"
LANGUAGES = [("da", "Dansk"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["kl_meetings.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Copenhagen"

# -- database --------------------------------------------------------------------------------------

_SQLITE: dict[str, Any] = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": DATA_DIR / "kl_meetings.sqlite3",
    # A transaction takes the write lock when it begins, so that two of them wait for each other instead of
    # failing.
    "OPTIONS": {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON",
    },
}
_POSTGRESQL: dict[str, Any] = {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
# Seconds to connect, and milliseconds for what was sent to arrive: else a host that is gone holds each
# request for a quarter of an hour.
_POSTGRESQL_OPTIONS = {"connect_timeout": 5, "tcp_user_timeout": 10_000}

_database = env.read("DATABASE_URL", environment.postgresql_or_sqlite, default=_SQLITE, secret=True)
if _database["ENGINE"] == _SQLITE["ENGINE"]:
    DATABASES = {"default": {**_SQLITE, "NAME": BASE_DIR / _database["NAME"]}}
else:
    _options = {**_POSTGRESQL_OPTIONS, **_database.get("OPTIONS", {})}
    DATABASES = {"default": {**_POSTGRESQL, **_database, "OPTIONS": _options}}

# In the memory of each process, for seconds: pages that are the same for everybody (see
# `public_pages.kept_for_a_moment`). What has to be counted is counted in the database.
CACHES = {
    name: {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": name}
    for name in ("default", "pages")
}

# -- queue -----------------------------------------------------------------------------------------

REDIS_URL = env.read("REDIS_URL", environment.redis_url, default="", secret=True)

_QUEUE_DIR = DATA_DIR / "queue"
CELERY_BROKER_URL = REDIS_URL or "folder://localhost"  # see `queue_folder`
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = (
    {"socket_connect_timeout": 5, "socket_timeout": 30, "socket_keepalive": True}
    if REDIS_URL
    else {
        # One program on one machine: what goes out is what comes in.
        "data_folder_in": str(_QUEUE_DIR / "messages"),
        "data_folder_out": str(_QUEUE_DIR / "messages"),
        "control_folder": str(_QUEUE_DIR / "control"),
    }
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# For ever: by default a worker ends after a hundred tries, which is an outage of less than an hour.
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

# -- mail ------------------------------------------------------------------------------------------

_mail: dict[str, Any] = env.read("EMAIL_URL", environment.mail_server, default={}, secret=True)
EMAIL_BACKEND = _mail.get("EMAIL_BACKEND", "kl_meetings.mail_folder.MailFolder")
EMAIL_FILE_PATH = DATA_DIR / "mail"
EMAIL_HOST = _mail.get("EMAIL_HOST") or "localhost"
EMAIL_PORT = _mail.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = _mail.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = _mail.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS = _mail.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _mail.get("EMAIL_USE_SSL", False)
# Seconds for each step of a delivery. A server may look for viruses before it answers, and one that we do not
# wait for gets the mail twice; a dozen steps must end while the mail stays claimed (`outbox.LEASE`).
EMAIL_TIMEOUT = 30
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.read("EMAIL_FROM", environment.mailbox, default="KL <moeder@kl.dk>")

# -- files -----------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Uploaded files lie outside the web root: no address leads to them but the views that decide who may see
# them.
MEDIA_ROOT = DATA_DIR / "files"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"file_permissions_mode": 0o640, "directory_permissions_mode": 0o750},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# Bytes of a form without its files. The meeting page of the admin has many rows with many fields, and long
# texts.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
DATA_UPLOAD_MAX_NUMBER_FILES = 30

# -- security --------------------------------------------------------------------------------------

AUTHENTICATION_BACKENDS = ["kl_meetings.logins.backend.StaffBackend"]
# Sessions are those of staff: for a working day, and not beyond the browser's.
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
# What an app on a phone calls the account.
OTP_TOTP_ISSUER = "KL Møder"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# The OpenID provider, such as Microsoft Entra ID, by which staff may log in beside their passwords.
OIDC_ISSUER = env.read("OIDC_ISSUER", environment.issuer, default="")
OIDC_CLIENT_ID = env.read("OIDC_CLIENT_ID", environment.of_issuer, default="", required=bool(OIDC_ISSUER))
OIDC_CLIENT_SECRET = env.read(
    "OIDC_CLIENT_SECRET", environment.of_issuer, default="", required=bool(OIDC_ISSUER), secret=True
)

SECURE_SSL_REDIRECT = _is_https
SECURE_PROXY_SSL_HEADER = env.read("SECURE_PROXY_SSL_HEADER", environment.proxy_header, default=None)
# Where it is not set, clients are counted only while they reach us without a proxy (see `send_limits`).
CLIENT_ADDRESS_HEADER = env.read("CLIENT_ADDRESS_HEADER", environment.header, default="")
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if _is_https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _is_https
SECURE_HSTS_PRELOAD = _is_https
# Neither cookie can be read by scripts (SESSION_COOKIE_HTTPONLY is so by default), nor comes along from other
# sites (SAMESITE is "Lax" by default: links in mails are to find who is logged in). A name that begins with
# `__Host-` keeps other hosts of the same domain from setting it (RFC 6265bis 4.1.3.2); it asks for https.
_host = "__Host-" if _is_https else ""
SESSION_COOKIE_NAME = f"{_host}sessionid"
SESSION_COOKIE_SECURE = _is_https
CSRF_COOKIE_NAME = f"{_host}csrftoken"
CSRF_COOKIE_SECURE = _is_https
CSRF_COOKIE_HTTPONLY = True
# Addresses hold secrets: no other site is told where a reader came from. (`no-referrer` would have browsers
# send forms with `Origin: null`, which the protection against forged forms refuses.)
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
# A form that was open for too long is shown again with all that was typed into it.
CSRF_FAILURE_VIEW = "registrations.views.errors.csrf_failure"

# Nothing inline, nothing from anybody else, and nothing that is not named here. The admin shows letters and
# mails in frames of its own.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        **{f"{what}-src": [SELF] for what in ("connect", "font", "frame", "img", "script", "style")},
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [SELF],
        "object-src": [NONE],
        "upgrade-insecure-requests": _is_https,
    },
}

# -- log -------------------------------------------------------------------------------------------

LOG_FORMAT = env.read("LOG_FORMAT", environment.log_format, default="line")
LOG_LEVEL = env.read("LOG_LEVEL", environment.log_level, default="INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "kl_meetings.log_format.LineFormatter"},
        "json": {"()": "kl_meetings.log_format.JsonFormatter"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        # Django's own handlers print only while DEBUG is on, or send mail to nobody.
        "django": {"handlers": [], "propagate": True},
        # Whatever is asked of the database, with the values.
        "django.db.backends": {"level": "INFO"},
        "weasyprint.progress": {"level": "WARNING"},
        # It warns at each HEAD, whose body Django leaves to the server to drop.
        "gunicorn.http.wsgi": {"level": "ERROR"},
        # Each task as it comes, goes and fails, every few seconds; `celery` writes what is worth it.
        "celery.app.trace": {"level": "CRITICAL"},
        "celery.beat": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
    },
}

# Sentences about variables that could not be used. `checks.py` reports them; with any of them nothing starts.
ENVIRONMENT_PROBLEMS = tuple(env.problems)
