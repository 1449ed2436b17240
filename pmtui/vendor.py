"""The description of a vendor: environment variables, credentials, and keys of a profile. It does not load the adapter.

This is all that the configuration and the command line know about a vendor.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import NamedTuple


class SettingKind(Enum):
    """The type of a setting in the configuration file."""

    TEXT = "text"
    PATH = "path"  # a string; ``~/`` is expanded, and a relative path is relative to the configuration's folder
    SWITCH = "switch"  # true or false
    TABLE = "table"  # strings by name


class Setting(NamedTuple):
    """A key of this vendor's profiles.

    ``variable`` is the environment variable for the value if the file has none, "" for no variable. ``choices`` are the allowed
    values, () for any; in the environment case is ignored. ``pattern`` is a regular expression for the values of a TABLE.
    ``required``: a profile without it cannot be used. ``hint`` explains it in ``pmtui help environment``.
    """

    name: str
    kind: SettingKind = SettingKind.TEXT
    default: str | bool = ""
    variable: str = ""
    choices: tuple[str, ...] = ()
    pattern: str = ""
    required: bool = False
    hint: str = ""


class Vendor(NamedTuple):
    """One vendor. The defaults fit a backend without credentials and address.

    ``setup`` is what to type in a shell to set it up, shown at the first start. ``credentials`` maps each credential to the
    environment variables that may have it, the preferred one first. ``enough`` has the sufficient sets of credentials, the
    usual one last. ``alone`` maps a credential to prefixes of values that suffice without another. ``settings`` are the
    profile's keys; ``place`` names the setting that says where the account is, and ``opens`` the one that a path on the
    command line sets: a folder, or a file in it, then opens without configuration. ``url`` is the variable that overrides the
    base URL. ``filters`` are the facets of the filter line (``model/query``) that its incidents can be searched by, each with
    the values that are known without asking, () for any value. ``sandbox`` are the variables for the
    built-in sandbox ({url}, {key} and {actor} are filled in); empty when the sandbox does not have this vendor.
    """

    name: str
    label: str
    setup: str
    credentials: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    enough: tuple[frozenset[str], ...] = (frozenset(),)
    alone: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    settings: tuple[Setting, ...] = ()
    place: str = ""
    opens: str = ""
    url: str = ""
    filters: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    sandbox: Mapping[str, str] = MappingProxyType({})

    @property
    def variables(self) -> tuple[str, ...]:
        """The environment variables to set first: those of the usual set of credentials, and of required settings."""
        keys = [self.credentials[key][0] for key in self.credentials if key in self.enough[-1]]
        return (*keys, *(each.variable for each in self.settings if each.required and each.variable))
