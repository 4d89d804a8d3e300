"""What is said to and believed of an OpenID provider (OpenID Connect Core 1.0, with PKCE, RFC 7636)."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from dataclasses import asdict, dataclass
from secrets import token_urlsafe
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

import jwt
from django.conf import settings

# Seconds: for an answer of the provider, for what it says of itself, and for how far clocks may differ.
TIMEOUT = 5
REMEMBERED = 3600
LEEWAY = 60
# What a provider may sign with; never `none`, and never a secret that both know.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
LARGEST_ANSWER = 1_000_000
LONGEST_SUBJECT = 255

_providers: dict[str, tuple[float, Provider]] = {}


class UnreachableError(Exception):
    """The provider does not answer, or not as a provider does."""


class RefusedError(Exception):
    """The provider vouches for nobody, or not to us, or not now; the text is for the log."""


@dataclass(frozen=True)
class Provider:
    authorization_endpoint: str
    token_endpoint: str
    jwks: jwt.PyJWKClient


@dataclass(frozen=True)
class Flow:
    """What one login was begun with, kept in the session until the browser returns."""

    state: str
    nonce: str
    verifier: str
    way_on: str

    @classmethod
    def begin(cls, way_on: str) -> Flow:
        return cls(token_urlsafe(32), token_urlsafe(32), token_urlsafe(48), way_on)

    def stored(self) -> dict[str, str]:
        return asdict(self)


def is_on() -> bool:
    return bool(settings.OIDC_ISSUER)


def authorization_url(flow: Flow, *, redirect_uri: str) -> str:
    """Where the browser goes to log in.

    Raises:
        UnreachableError: the provider cannot be asked where that is.
    """
    challenge = base64.urlsafe_b64encode(hashlib.sha256(flow.verifier.encode()).digest()).rstrip(b"=")
    query = {
        "response_type": "code",
        "client_id": settings.OIDC_CLIENT_ID,
        "redirect_uri": redirect_uri,
        "scope": "openid profile email",
        "state": flow.state,
        "nonce": flow.nonce,
        "code_challenge": challenge.decode(),
        "code_challenge_method": "S256",
    }
    endpoint = _provider().authorization_endpoint
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"


def redeem(code: str, flow: Flow, *, redirect_uri: str) -> dict[str, Any]:
    """The claims of the ID token that the provider gives for `code`, once they are found to be true.

    Raises:
        UnreachableError: the provider does not answer.
        RefusedError: it gives no token, or one that fails a check of OpenID Connect Core 3.1.3.7.
    """
    provider = _provider()
    typed = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "client_id": settings.OIDC_CLIENT_ID,
        "client_secret": settings.OIDC_CLIENT_SECRET,
        "code_verifier": flow.verifier,
    }
    request = Request(provider.token_endpoint, urlencode(typed).encode())  # noqa: S310 (see `_is_of`)
    token = _answer(request).get("id_token")
    if not isinstance(token, str):
        raise RefusedError("no ID token")
    try:
        # Asks for the keys again where it does not know the token's: providers change them.
        key = provider.jwks.get_signing_key_from_jwt(token)
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=ALGORITHMS,
            audience=settings.OIDC_CLIENT_ID,
            issuer=settings.OIDC_ISSUER,
            leeway=LEEWAY,
            options={"require": ["iss", "sub", "aud", "exp", "iat", "nonce"], "strict_aud": True},
        )
    except jwt.PyJWKClientConnectionError as error:
        raise UnreachableError(str(error)) from error
    except jwt.PyJWTError as error:
        raise RefusedError(f"{type(error).__name__}: {error}") from error
    except ValueError as error:  # its keys are no JSON
        raise UnreachableError(str(error)) from error
    if not 0 < len(claims["sub"]) <= LONGEST_SUBJECT:
        raise RefusedError("no subject, or one that is too long")
    if claims["nonce"] != flow.nonce:
        raise RefusedError("another nonce")
    return claims


def _provider() -> Provider:
    """What the provider says of itself (OpenID Connect Discovery 1.0), asked once an hour by each process."""
    issuer = settings.OIDC_ISSUER
    until, provider = _providers.get(issuer, (0.0, None))
    if provider is None or until < time.monotonic():
        # By https, as `environment.issuer` has seen to.
        said = _answer(Request(f"{issuer.rstrip('/')}/.well-known/openid-configuration"))  # noqa: S310
        if said.get("issuer") != issuer or not all(_is_of(issuer, said.get(name)) for name in ENDPOINTS):
            raise UnreachableError("what it says of itself is not about this issuer")
        # Tokens come from the provider alone, so nobody else can make us ask for its keys without end.
        jwks = jwt.PyJWKClient(said["jwks_uri"], timeout=TIMEOUT, cooldown_duration=0)
        provider = Provider(said["authorization_endpoint"], said["token_endpoint"], jwks)
        _providers[issuer] = time.monotonic() + REMEMBERED, provider
    return provider


def _is_of(issuer: str, url: object) -> bool:
    """Whether it is an address of the web, as safe as the issuer's own; its host may be another."""
    scheme = urlsplit(url).scheme if isinstance(url, str) else ""
    return scheme == "https" or scheme == urlsplit(issuer).scheme == "http"


def _answer(request: Request) -> dict[str, Any]:
    request.add_header("Accept", "application/json")
    try:
        with urlopen(request, timeout=TIMEOUT) as response:  # noqa: S310
            said = json.loads(response.read(LARGEST_ANSWER))
    except HTTPError as error:
        if error.code in (400, 401, 403):  # RFC 6749 5.2
            raise RefusedError(f"{error.code} {error.read(300)!r}") from error
        raise UnreachableError(str(error)) from error
    except (OSError, ValueError) as error:
        raise UnreachableError(str(error)) from error
    if not isinstance(said, dict):
        raise UnreachableError("no JSON object")
    return said
