"""The ways of saying read-only, and what was sent all the same."""

from __future__ import annotations

from pmtui.backends.registry import VENDORS
from pmtui.cli.launching import variables_of
from pmtui.sandbox.server import Sandbox
from tests.cli.conftest import Shell

WAYS = ("option", "variable", "configuration", "profile")
"""On the command line, in the environment, for the whole configuration file, for one profile in it."""
NETWORKED = [name for name, vendor in VENDORS.items() if vendor.url]


def reads_only(sandbox: Sandbox, since: int) -> list[str]:
    """What was asked for that is no read."""
    return [f"{each['method']} {each['path']}" for each in sandbox.requests[since:] if each["method"] != "GET"]


def configure(shell: Shell, sandbox: Sandbox, vendor: str, ways: frozenset[str], *, in_file: bool) -> list[str]:
    """Give this home a profile of the vendor, in the file or in the environment, that is read-only in these ways.

    Returns the words to type first.
    """
    variables = variables_of(vendor, sandbox.url)
    whole = "read_only = true\n" if "configuration" in ways else ""
    own = "read_only = true\n" if "profile" in ways else ""
    if in_file:
        named = [(key, names) for key, names in VENDORS[vendor].credentials.items() if any(map(variables.get, names))]
        keys = "".join(f'{key} = "{next(filter(None, map(variables.get, names)))}"\n' for key, names in named)
        base = next(value for name, value in variables.items() if name.endswith("_URL"))
        table = f'[profiles.mine]\nvendor = "{vendor}"\nbase_url = "{base}"\nactor = "jane.doe@example.com"\n{keys}'
        text = f'default = "mine"\n{whole}{table}{own}'
    else:
        assert not own
        text = whole
    folder = shell.home / ".config" / "pmtui"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.toml").write_text(text)
    (folder / "config.toml").chmod(0o600)
    shell.environ.clear()
    shell.environ.update({} if in_file else variables, **({"PMTUI_READ_ONLY": "1"} if "variable" in ways else {}))
    return ["--profile", "mine" if in_file else vendor, *(["--read-only"] if "option" in ways else [])]
