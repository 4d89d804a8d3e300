"""The least that Django can do for a page and for a registration: what all else is measured against."""
