"""A browser without a window: sends forms, keeps cookies, follows redirects."""

from __future__ import annotations

from http.client import HTTPConnection
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

FORM = "application/x-www-form-urlencoded"


class Browser:
    def __init__(self, port: int) -> None:
        self._port = port
        self._cookies: dict[str, str] = {}

    def get(self, path: str) -> str:
        return self._ask("GET", path)

    def post(self, path: str, fields: dict[str, list[str]]) -> str:
        return self._ask("POST", path, urlencode(fields, doseq=True))

    def _ask(self, method: str, path: str, body: str | None = None) -> str:
        """The page. Raises AssertionError where the server answers with an error."""
        connection = HTTPConnection("127.0.0.1", self._port, timeout=60)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        headers |= {"Accept-Language": "da", "Accept-Encoding": "identity"}
        if body is not None:
            headers["Content-Type"] = FORM
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        content = response.read()
        connection.close()
        for line in response.headers.get_all("Set-Cookie") or ():
            self._cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        if response.status in (302, 303):
            return self.get(urlsplit(response.headers["Location"]).path)
        assert response.status == 200, (method, path, response.status, content[:2000])
        return content.decode("utf-8", errors="replace")
