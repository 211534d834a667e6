"""Superset's configuration: sealed, Chinese first, and nothing secret in it.

Superset reads this file by the path in SUPERSET_CONFIG_PATH. Secrets and places come from the environment, which
`scripts.superset.home` fills; it is the one module of this project besides `pipelines.settings` that reads it.
"""

import os
from datetime import timedelta
from pathlib import Path

from flask_appbuilder.security.manager import AUTH_OAUTH

from lake import logs
from scripts.superset import appearance, sign_in, web

HOME = Path(os.environ["NENGTAN_SUPERSET_HOME"])

# --- identity and state
APP_NAME = "Nengtan 能碳"
SECRET_KEY = os.environ["NENGTAN_SUPERSET_SECRET_KEY"]
SQLALCHEMY_DATABASE_URI = f"sqlite:///{HOME / 'superset.db'}?timeout=30"
DATA_DIR = str(HOME)
UPLOAD_FOLDER = str(HOME / "uploads") + "/"
GUEST_TOKEN_JWT_SECRET = os.environ["NENGTAN_SUPERSET_GUEST_KEY"]
GLOBAL_ASYNC_QUERIES_JWT_SECRET = os.environ["NENGTAN_SUPERSET_ASYNC_KEY"]
LOG_LEVEL = "WARNING"
logs.hide(os.environ)
logs.start("dashboards", os.environ.get("NENGTAN_LOG") or logs.TEXT)
SILENCE_FAB = True

# --- a sealed network, a strict browser
ENABLE_CORS = False
TALISMAN_ENABLED = True
_TLS = os.environ.get("NENGTAN_SUPERSET_TLS") == "1"
TALISMAN_CONFIG = {
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": "'none'",
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "font-src": ["'self'", "data:"],
        "script-src": ["'self'", "'strict-dynamic'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": _TLS,
    "session_cookie_secure": _TLS,
    "referrer_policy": "same-origin",
}
TALISMAN_DEV_CONFIG = TALISMAN_CONFIG
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = _TLS
SESSION_COOKIE_SAMESITE = "Lax"
WTF_CSRF_ENABLED = True
NENGTAN_PROXY = os.environ.get("NENGTAN_SUPERSET_PROXY", "")  # whose word about the client is believed, and no other's
ENABLE_PROXY_FIX = bool(NENGTAN_PROXY)
# a session that nobody uses ends; a wall asks all the time
PERMANENT_SESSION_LIFETIME = timedelta(hours=12)
SESSION_REFRESH_EACH_REQUEST = True
RATELIMIT_ENABLED = True
RATELIMIT_STORAGE_URI = "memory://"
CUSTOM_SECURITY_MANAGER = sign_in.Manager
FAB_PASSWORD_COMPLEXITY_ENABLED = True
FAB_PASSWORD_COMPLEXITY_VALIDATOR = sign_in.check_password
AUTH_USER_REGISTRATION = False
# people of the entry portal, where one is open: `nengtan serve` makes the secret of both
_PORTAL, _SHARED = (
    os.environ.get("NENGTAN_PORTAL_ADDRESS", "").rstrip("/"),
    os.environ.get("NENGTAN_SIGN_ON_SECRET", ""),
)
NENGTAN_SIGN_ON = bool(_PORTAL and _SHARED)
NENGTAN_HEAD = os.environ.get("NENGTAN_SIGN_ON_HEAD", "")  # who may read there reads the whole site
if NENGTAN_SIGN_ON:
    AUTH_TYPE = AUTH_OAUTH
    AUTH_USER_REGISTRATION = True
    AUTH_USER_REGISTRATION_ROLE = "Public"  # which may nothing
    AUTH_ROLES_SYNC_AT_LOGIN = True
    OAUTH_PROVIDERS = [
        {
            "name": sign_in.PROVIDER,
            "icon": "fa-sign-in",
            "token_key": "access_token",
            "remote_app": {
                "client_id": "dashboards",
                "client_secret": _SHARED,
                "server_metadata_url": f"{_PORTAL}/.well-known/openid-configuration",
                "client_kwargs": {"scope": "openid profile", "code_challenge_method": "S256"},
            },
        }
    ]
AUTH_RATE_LIMITED = True
AUTH_RATE_LIMIT = "10 per minute"
RATELIMIT_APPLICATION = "100 per second"
THEME_FONT_URL_ALLOWED_DOMAINS: list[str] = []
FAB_API_SWAGGER_UI = False
PUBLIC_ROLE_LIKE = None
FAB_UPDATE_PERMS = False  # the bootstrap writes the permissions, once for each version; a start need not
PREVENT_UNSAFE_DB_CONNECTIONS = True
SHOW_STACKTRACE = False
DATASET_IMPORT_ALLOWED_DATA_URLS: list[str] = []
HTML_SANITIZATION = True

# --- what is open, and what is not
FEATURE_FLAGS = {
    "DASHBOARD_RBAC": True,
    "ALLOW_ADHOC_SUBQUERY": False,
    "ENABLE_TEMPLATE_PROCESSING": False,
    "ENABLE_JAVASCRIPT_CONTROLS": False,
    "EMBEDDABLE_CHARTS": False,
    "EMBEDDED_SUPERSET": False,
    "DYNAMIC_PLUGINS": False,
    "ALERT_REPORTS": False,
    "CHART_PLUGINS_EXPERIMENTAL": True,  # the number that compares itself with last year
    "ESCAPE_MARKDOWN_HTML": True,
    "RLS_IN_SQLLAB": True,
    # A chart below the fold is drawn at once: a printed page and a wall show every chart.
    "DASHBOARD_VIRTUALIZATION": False,
}
VIZ_TYPE_DENYLIST = ["handlebars"]  # the policy above blocks its scripts
ROW_LIMIT = 10000
SAMPLES_ROW_LIMIT = 1000
CSV_EXPORT = {"encoding": "utf-8-sig"}  # a spreadsheet opens Chinese column names rightly

# --- no broker, no second store: answers come fresh from the marts
CELERY_CONFIG = None
CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}
DATA_CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}
SUPERSET_WEBSERVER_TIMEOUT = 60

# --- Chinese first, English beside it
BABEL_DEFAULT_LOCALE = "zh"
LANGUAGES = {"zh": {"flag": "cn", "name": "中文"}, "en": {"flag": "gb", "name": "English"}}
CURRENCIES = ["CNY"]
D3_FORMAT = appearance.NUMBERS
D3_TIME_FORMAT = appearance.TIMES["zh"]
COMMON_BOOTSTRAP_OVERRIDES_FUNC = appearance.by_language

# --- looks
THEME_DEFAULT = appearance.theme("light")
THEME_DARK = None  # the wall brings its own; a desk does not change with the reader's system
ENABLE_UI_THEME_ADMINISTRATION = False
EXTRA_CATEGORICAL_COLOR_SCHEMES = appearance.categorical()
EXTRA_SEQUENTIAL_COLOR_SCHEMES = appearance.sequential()
FAVICONS = [{"href": "/nengtan/logo.svg", "type": "image/svg+xml"}]
BLUEPRINTS = [web.pages]
NENGTAN_PORTAL_ADDRESS = os.environ.get("NENGTAN_PORTAL_ADDRESS", "")  # where a number is walked back
FLASK_APP_MUTATOR = web.prepare
