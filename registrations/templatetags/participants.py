"""How the admin's pages show a participant."""

from __future__ import annotations

from django import template

from registrations.admin.participants import state_badge

register = template.Library()

register.simple_tag(state_badge, name="participant_badge")
