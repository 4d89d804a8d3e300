"""An OpenID provider on this machine: discovery, authorization, tokens and keys, right and wrong."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT_ID, CLIENT_SECRET = "kl-moeder", "a secret that only the provider and we know"


class OpenIdProvider:
    """Answers as Entra does. `claims` and `signed` say what is wrong with the next token."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.codes: dict[str, dict[str, str]] = {}
        self.requests: list[str] = []
        self.claims: dict[str, Any] = {}
        self.is_broken = False
        self.algorithm = "RS256"
        self.forger: rsa.RSAPrivateKey | None = None
        self.numbers = itertools.count()
        self.change_keys()

    def change_keys(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.key_id = f"key-{next(self.numbers)}"

    def log_in(self, url: str) -> dict[str, str]:
        """Be somebody who logs in at `url`; return what the browser comes back with."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        code = f"code-{len(self.codes)}"
        self.codes[code] = query
        return {"code": code, "state": query["state"]}

    def answer(self, path: str, typed: dict[str, str]) -> tuple[int, Any]:
        self.requests.append(path)
        if self.is_broken:
            return 503, {}
        if path == "/.well-known/openid-configuration":
            return 200, {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
            }
        if path == "/keys":
            public = jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
            return 200, {"keys": [{**public, "kid": self.key_id, "use": "sig"}]}
        if path == "/token":
            return self._token(typed)
        return 404, {}

    def _token(self, typed: dict[str, str]) -> tuple[int, Any]:
        asked = self.codes.pop(typed.get("code", ""), None)
        verifier = hashlib.sha256(typed.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).decode().rstrip("=")
        right = asked and (asked["code_challenge"], asked["redirect_uri"], CLIENT_ID, CLIENT_SECRET) == (
            challenge,
            typed.get("redirect_uri"),
            typed.get("client_id"),
            typed.get("client_secret"),
        )
        if not right or not asked:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": "subject-1",
            "iat": now,
            "exp": now + 3600,
            "nonce": asked["nonce"],
            **self.claims,
        }
        key: Any = {"RS256": self.forger or self.key, "HS256": CLIENT_SECRET, "none": None}[self.algorithm]
        token = jwt.encode(claims, key, algorithm=self.algorithm, headers={"kid": self.key_id})
        return 200, {"id_token": token, "access_token": "unused", "token_type": "Bearer"}


@contextmanager
def openid_provider() -> Iterator[OpenIdProvider]:
    """A provider that listens on the loopback address while the context lasts."""
    provider: OpenIdProvider

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._answer({name: values[0] for name, values in parse_qs(body).items()})

        def _answer(self, typed: dict[str, str]) -> None:
            status, said = provider.answer(self.path, typed)
            content = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        provider = OpenIdProvider(f"http://127.0.0.1:{server.server_port}")
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield provider
        server.shutdown()
