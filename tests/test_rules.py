"""Rules of ours that no linter knows, for the code of the product and its templates.

Ruff's `S` rules, which are bandit's, look for what is dangerous anywhere; these know what is so here.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

PROJECT = Path(settings.BASE_DIR)
APPS = ("kl_meetings", "invitations", "registrations")

# What may be called only in some files, by the end of its dotted name.
ONLY_IN = {
    # Whoever is asked what the time is gets another answer each time: the clock is read where a request or a
    # task comes in, and handed on.
    "timezone.now": (
        r"/(admin|views|management)/|/(views|tasks|mail_folder|health)\.py$|/logins/(forms|pages|staff_verbs)\.py$"
    ),
    "datetime.now": "",
    "date.today": "",
    # Each mail is a row of the outbox.
    "send_mail": "",
    "send_mass_mail": "",
    "EmailMessage": "",
    "EmailMultiAlternatives": r"^invitations/mail\.py$",
    # Of what is typed, nothing becomes a statement or a program.
    "RawSQL": "",
    "raw": "",
    "extra": "",
    "csrf_exempt": "",
    "eval": "",
    "exec": "",
    "system": "",
    "Popen": "",
    "check_output": "",
    "print": "",
}
# Modules that the product does without.
FORBIDDEN_MODULES = {"subprocess", "pickle", "marshal", "shelve", "requests", "urllib.request", "socket"}
MODULES_ALLOWED = {
    "invitations/pdf.py": {"urllib.request"},  # It turns an address of ours into a path.
    "kl_meetings/backups.py": {"subprocess"},  # PostgreSQL's own programs.
    "kl_meetings/logins/openid.py": {"urllib.request"},  # What staff log in by, at an address of https.
}


def broken_rules(path: str, code: str) -> list[str]:
    """What breaks a rule in the code that stands at `path`, as lines of the form `path:line: what`."""
    return [f"{path}:{line}: {what}" for line, what in _broken(path, ast.parse(code))]


def _broken(path: str, tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            for rule, where in ONLY_IN.items():
                if _ends_with(name, rule) and not (where and re.search(where, path)):
                    yield node.lineno, f"{rule} is not called here"
            if _ends_with(name, "mark_safe") and not _is_built_of_safe(node.args[0]):
                yield node.lineno, "mark_safe of a text put together: use format_html"
            if _ends_with(name, "format_html") and not _is_literal(node.args[0]):
                yield node.lineno, "format_html of a text put together"
        elif isinstance(node, ast.FunctionDef):
            for decorator in node.decorator_list:
                if ast.unparse(decorator).startswith("csrf_exempt"):
                    yield node.lineno, "csrf_exempt is not called here"
        elif isinstance(node, ast.Import):
            for module in {alias.name for alias in node.names} & (FORBIDDEN_MODULES - _allowed(path)):
                yield node.lineno, f"{module} is not imported here"
        elif isinstance(node, ast.ImportFrom) and node.module in FORBIDDEN_MODULES - _allowed(path):
            yield node.lineno, f"{node.module} is not imported here"


def _allowed(path: str) -> set[str]:
    return MODULES_ALLOWED.get(path, set())


def _ends_with(name: str, rule: str) -> bool:
    return name == rule or name.endswith(f".{rule}")


def _is_literal(node: ast.expr) -> bool:
    """Whether it stands there as it is, or is the translation of what does."""
    is_translated = isinstance(node, ast.Call) and ast.unparse(node.func) in ("_", "gettext")
    return isinstance(node.args[0] if is_translated else node, ast.Constant)  # type: ignore[attr-defined]


def _is_built_of_safe(node: ast.expr) -> bool:
    """Whether it is no f-string, no sum and no template of Python's."""
    is_formatted = isinstance(node, ast.Call) and ast.unparse(node.func).endswith((".format", ".format_map"))
    return not isinstance(node, ast.JoinedStr | ast.BinOp) and not is_formatted


def broken_in_template(path: str, text: str) -> list[str]:
    """What breaks a rule in a template; texts of mails may leave what is typed as it is."""
    found = ["|safe"] if re.search(r"\|\s*safe(seq)?\b", text) else []
    if "autoescape off" in text and not path.endswith(".txt"):
        found.append("autoescape off")
    # Mail programs know no style sheets; pages have a Content Security Policy that forbids both.
    if "/mail/" not in path:
        found += re.findall(r"(?<=\s)(?:on[a-z]+|style)=(?=[\"'{])", text)
        found += re.findall(r"<script(?![^>]*\bsrc=|[^>]*application/json)[^>]*>|<style\b", text)
    if re.search(r"https?://(?!www\.w3\.org/)[\w.]+[^\"']*\.(?:js|css|woff2?|png|svg)\b", text):
        found.append("a file of somebody else's")
    return [f"{path}: {what}" for what in found]


def test_the_code_keeps_our_rules() -> None:
    found = [
        line
        for app in APPS
        for file in sorted((PROJECT / app).rglob("*.py"))
        for line in broken_rules(file.relative_to(PROJECT).as_posix(), file.read_text())
    ]

    assert found == []


def test_the_templates_keep_our_rules() -> None:
    found = [
        line
        for file in sorted((PROJECT / "templates").rglob("*.*"))
        for line in broken_in_template(file.relative_to(PROJECT).as_posix(), file.read_text())
    ]

    assert found == []


@pytest.mark.parametrize(
    "code",
    [
        "mark_safe(f'<b>{name}</b>')",
        "safestring.mark_safe('<b>' + name)",
        "mark_safe('<b>{}'.format(name))",
        "format_html(f'<b>{name}</b>')",
        "format_html(text, name)",
        "Office.objects.raw(text)",
        "rows.extra(where=[text])",
        "timezone.now()",
        "datetime.now()",
        "send_mail('a', 'b', None, [])",
        "mail.EmailMultiAlternatives()",
        "print(name)",
        "import subprocess",
        "from pickle import loads",
        "@csrf_exempt\ndef view(request): ...",
    ],
)
def test_each_rule_finds_what_breaks_it(code: str) -> None:
    assert len(broken_rules("invitations/models/offices.py", code)) == 1


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("registrations/views/needs.py", "timezone.now()"),
        ("invitations/mail.py", "EmailMultiAlternatives()"),
        ("invitations/danish.py", "mark_safe(rendered)"),
        ("invitations/danish.py", "format_html('<b>{}</b>', name)"),
        ("invitations/danish.py", "self.fingerprint(name)"),
    ],
)
def test_no_rule_minds_what_keeps_it(path: str, code: str) -> None:
    assert broken_rules(path, code) == []


@pytest.mark.parametrize(
    "text",
    [
        "{{ name|safe }}",
        "{% autoescape off %}",
        '<p onclick="x()">',
        '<p style="color: red">',
        "<script>x()</script>",
        "<style>p {}</style>",
        '<script src="https://cdn.example/x.js"></script>',
    ],
)
def test_each_rule_of_templates_finds_what_breaks_it(text: str) -> None:
    assert len(broken_in_template("templates/base.html", text)) == 1
