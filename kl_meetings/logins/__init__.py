"""How staff log in: throttled passwords, a second step, and optionally an OpenID provider."""
