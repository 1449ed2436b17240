"""The headers that identify a user to Datadog (vendors' docs: API key and application key, or a bearer token)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pmtui.config import Credential, CredentialsError, Profile

TOKENS: Final = ("ddpat_", "ddsat_")
"""The prefixes of personal and service access tokens. Used as application key they need no API key (vendor's docs)."""


class Keys:
    """Reads a profile's credentials when a request is made; no repr shows them."""

    def __init__(self, profile: Profile) -> None:
        self._credentials: Mapping[str, Credential] = profile.credentials

    def headers(self) -> dict[str, str]:
        """The headers. An access token wins; a personal or service access token as application key needs no API key.

        Raises ConfigError when a credential is missing or cannot be read.
        """
        if "access_token" in self._credentials:
            return {"Authorization": "Bearer " + self._reveal("access_token")}
        api_key, app_key = self._reveal("api_key"), self._reveal("app_key")
        if not api_key and app_key.startswith(TOKENS):
            return {"Authorization": "Bearer " + app_key}
        if not api_key:
            raise CredentialsError("the application key is not a personal access token, so it needs an API key: set DD_API_KEY or api_key")
        return {"DD-API-KEY": api_key, "DD-APPLICATION-KEY": app_key}

    def forget(self) -> None:
        """Forget the credentials after a 401, because a command may give new ones."""
        for credential in self._credentials.values():
            credential.forget()

    def _reveal(self, name: str) -> str:
        credential = self._credentials.get(name)
        return credential.get().reveal() if credential else ""
