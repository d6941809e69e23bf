"""Who did something: user ids are stored, names are looked up when they are shown."""
from __future__ import annotations

from ckan import model


def name(user_id: str) -> str | None:
    """The account's name; None where nobody did it, or the account is gone."""
    user = model.User.get(user_id) if user_id else None
    return user.name if user else None
