"""What a vendor's package says of itself before it is loaded: environment variables, credentials, and keys of a profile.

A value of this type is all that the configuration and the command line know of a vendor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class SettingKind(Enum):
    """What the value of a setting is in the configuration file."""

    TEXT = "text"
    PATH = "path"  # a text; ``~/`` is expanded, and a relative path starts at the configuration's folder
    SWITCH = "switch"  # true or false
    TABLE = "table"  # texts by name


@dataclass(frozen=True, slots=True)
class Setting:
    """One key of a profile that only this vendor's profiles have.

    ``variable`` is the environment variable that gives the value where the file does not, "" for none. ``choices`` are the
    allowed texts, () for any; case does not matter in the environment. ``pattern`` is a regular expression for the
    texts of a TABLE. ``required``: a profile without it cannot be used. ``hint`` explains it in ``pmtui help environment``.
    """

    name: str
    kind: SettingKind = SettingKind.TEXT
    default: str | bool = ""
    variable: str = ""
    choices: tuple[str, ...] = ()
    pattern: str = ""
    required: bool = False
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Vendor:
    """One vendor. Its defaults fit a backend that needs neither credentials nor an address.

    ``setup`` is what to type in a shell to set it up, for the first start. ``credentials`` maps each credential to the
    environment variables that may hold it, the preferred one first. ``enough`` has the sets of credentials that suffice,
    the usual one last. ``alone`` maps a credential to prefixes of values that need no other beside them.
    ``settings`` are the profile's own keys; ``place`` names the one that tells people where the account is, and ``opens`` the one
    that a path on the command line is for: a folder, or a file in it, opens without any configuration then.
    ``url`` is the variable that overrides the base URL. ``sandbox`` are the variables with which pmtui talks to the
    built-in sandbox ({url}, {key} and {actor} stand for what they say); empty when the sandbox has no such vendor.
    """

    name: str
    label: str
    setup: str
    credentials: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    enough: tuple[frozenset[str], ...] = (frozenset(),)
    alone: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    settings: tuple[Setting, ...] = ()
    place: str = ""
    opens: str = ""
    url: str = ""
    sandbox: Mapping[str, str] = field(default_factory=dict)

    @property
    def variables(self) -> tuple[str, ...]:
        """The environment variables of the usual set of credentials and of the required settings: what to set first."""
        keys = [self.credentials[key][0] for key in self.credentials if key in self.enough[-1]]
        return (*keys, *(each.variable for each in self.settings if each.required and each.variable))
