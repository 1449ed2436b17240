"""``pmtui help [TOPIC]``: longer explanations than ``--help`` has room for. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pmtui.cli.exit_codes import MEANINGS, ExitCode
from pmtui.cli.explaining.json_keys import json_help
from pmtui.cli.printing.columns import in_columns
from pmtui.cli.printing.pager import show_pages
from pmtui.cli.printing.streams import warn
from pmtui.cli.table import COMMANDS, TOPICS, overview
from pmtui.model.query import SHOWN
from pmtui.vendor import Setting, Vendor

_KEYS = """\
in the list
  enter        open               /        filter (see `pmtui help filter`)
  r            reload             n        new postmortem
in a postmortem
  ctrl+s       review, then enter sends and escape goes back
  f2           details: the fields          f3   preview
  ctrl+up, ctrl+down  previous, next cell   f4       external editor
  ctrl+z, ctrl+y      undo, redo            alt+a    align a table
  ctrl+f              find; tab there replaces (ctrl+h is backspace)
  tab, shift+tab      next, previous gap; in lists, code and selections
                      indent and outdent
  ctrl+t              an entry in the timeline: now, 02:14, -5m,
                      yesterday 23:50; alt+s sorts, alt+i takes the server's
  ctrl+space          check a task
  ctrl+o              open or show an address; alt+y copies it
  alt+c               copy all as Markdown; alt+w writes a file
everywhere
  f1           all keys of this screen      ctrl+p   find any action by name
  escape       one step back                ctrl+q   leave; the draft is kept
in the form
  f10          action items                 space    done, or not after all
  home, end, letters  the first, the last, the next field that begins so
ctrl+e goes to the end of the line, as in a shell; at the end of it, it opens
the external editor, too. Whoever wants that on f4 only writes
edit-in-editor = "f4" into [keys].

Keys of your own, in the configuration, by the names that f1 shows, with
hyphens. They take the place of all others of that action; what is taken
already, or writes text there, is refused with its line.
  [keys]
  review-and-save = "ctrl+w"
  details = ["f2", "alt+d"]"""

_FILTER = """\
Words are searched in incidents (title, description), not in the texts of
postmortems: for these, `pmtui export --all DIR` and grep.
NAME:VALUE narrows the list. Separate several values of a name by commas;
quotes keep words together. Of an owner, a service and a team a part of the
name is enough.
  state:active          status               sev:1,2        severity
  owner:jane            owner or commander   service:cart   affected service
  team:payments         team                 tag:customer   tag
  pm:draft              state of the postmortem
  after:2026-01-31      created since        before:…       created until
Not every vendor can search by all of these, nor has the same values:
{vendors}
What cannot be searched by is an error, and nothing is listed. In the list of
the screens f1 has the names and values of the account.
Example: pmtui incidents 'after:2026-11-01 sev:1 checkout'"""

_EXAMPLES = """\
List incidents, and open one
  pmtui incidents state:active sev:1,2
  pmtui IR-338

Write a postmortem from creation to publication, without the screens
  pmtui create IR-338 --yes
  pmtui set IR-338 severity=SEV-2 owner=jane@corp.com --dry-run
  pmtui set IR-338 'action_items+=Fix the probe @jane due:2026-12-01'
  pmtui edit IR-338                                   # all of it in $EDITOR
  generate-timeline | pmtui edit IR-338 --cell Timeline --file -
  pmtui cell add IR-338 --after Impact --file detection.md
  pmtui publish '#42'

In git: a file that is merged with what others change meanwhile
  pmtui pull IR-338 IR-338.md
  pmtui diff IR-338.md
  pmtui push IR-338.md --dry-run

Markdown files in a folder, without any server
  pmtui ./postmortems
  pmtui set ./postmortems/2026-11-14-IR-338-checkout.md severity=SEV-2

Export everything, and compare it with the server later
  pmtui export --all postmortems --look-in ~/Downloads/postmortems.har
  pmtui verify postmortems

In a script: a value, what was saved, what went wrong
  pmtui show IR-338 --json | jq -r '.fields.severity'
  pmtui set IR-338 status=resolved --no-input --json | jq -r '.verified'
  pmtui incidents --json 2>error.json || jq -r '.error.kind' error.json

What was changed from here, and what the key may do
  pmtui log IR-338
  pmtui doctor --routes

The man page
  pmtui help man | man -l -"""

_ENVIRONMENT = """\
A profile says which account to use. If the variables of only one vendor are
set, that vendor is the profile. Otherwise name one with --profile or
PMTUI_PROFILE, or set `default` in the configuration.
{vendors}
  PMTUI_PROFILE        the profile, where --profile names none
  PMTUI_ACTOR          who makes the changes, where the key does not say: an
                       e-mail address or id
  PMTUI_READ_ONLY      1: never write
  PMTUI_PLAIN_START    1: do not paint the list as it was last seen while pmtui
                       starts
  PMTUI_CONFIG         the configuration, if not ~/.config/pmtui/config.toml
  VISUAL, EDITOR       the external editor
  NO_COLOR             no colours: only bold and reverse
  HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE, XDG_CONFIG_HOME, XDG_STATE_HOME,
  XDG_CACHE_HOME       as elsewhere

The configuration (TOML), mode 0600 if it holds a key:
  default = "prod"

  [profiles.prod]
  vendor = "{vendor}"
  api_key_command = ["pass", "show", "pmtui/api"]
  # or api_key_env, api_key_file, api_key
  actor = "you@corp.com"
  issue_site = "https://corp.atlassian.net"   # OPS-7 alone is an address then
  read_only = false
Other keys of a profile: ca_file, base_url, and
{settings}"""


_WRITTEN = 32
"""Columns for what one writes, in the tables of ``pmtui help markdown``."""
_TEXTS = {"examples": _EXAMPLES, "keys": _KEYS}


def run(words: Sequence[str]) -> int:
    """Print a topic, or the list of topics. Returns the exit code."""
    topic = next((word for word in words if not word.startswith("-")), "")
    if not topic:
        print(overview())
        return ExitCode.OK
    if topic in COMMANDS:
        from pmtui.cli.runner import run_command

        return run_command(topic, ["--help"])
    made: dict[str, Callable[[], str]] = {
        "exit-codes": _exit_codes,
        "environment": _environment,
        "filter": _filter,
        "markdown": _markdown,
        "json": json_help,
        "man": _man,
    }
    if topic not in made and topic not in _TEXTS:
        warn(f"pmtui: no help on {topic!a}; the topics are {', '.join(TOPICS)}, and each command")
        return ExitCode.USAGE
    show_pages(made[topic]() if topic in made else _TEXTS[topic])
    return ExitCode.OK


def _man() -> str:
    from pmtui.cli.explaining.manual import manual

    return manual()


def _markdown() -> str:
    """The notation of rich text in Markdown, from the file beside the converter."""
    from importlib.resources import files

    text = files("pmtui.formats.adf").joinpath("notation.md").read_text("utf-8")
    return "\n".join(_row(line) if line.startswith("| ") else line for line in text.rstrip("\n").split("\n") if line != "| --- | --- |")


def _row(line: str) -> str:
    """A row of a table as two columns: what one writes, and what that gives, below it if the first is long."""
    written, _, given = line.strip("| ").partition(" | ")
    start = f"  {written:<{_WRITTEN}}"
    return in_columns(start, given) if len(written) < _WRITTEN else f"  {written}\n{in_columns(' ' * (_WRITTEN + 2), given)}"


def _exit_codes() -> str:
    """The exit codes: number, word in JSON, meaning."""
    listed = "\n".join(in_columns(f"{code.value:>4}  {code.kind:16}", meaning) for code, meaning in MEANINGS.items())
    return f"{listed}\n\nWith --json an error is one object on standard error; its error.kind is the\nword beside the code."


def _environment() -> str:
    from pmtui.backends.registry import VENDORS

    about = [line for vendor in VENDORS.values() for line in _variables(vendor)]
    given = [(each.name, f"{vendor.name}: {each.hint}{_default(each)}") for vendor in VENDORS.values() for each in vendor.settings]
    settings = "\n".join(in_columns(f"  {name:22}", about_it) for name, about_it in given)
    return _ENVIRONMENT.format(vendors="\n".join(about), vendor=next(iter(VENDORS)), settings=settings)


def _filter() -> str:
    """The names of the filter line, and which vendor has which."""
    from pmtui.backends.registry import VENDORS

    lines = []
    for vendor in VENDORS.values():
        filters = vendor.filters
        parts = [f"{shown}:{'|'.join(filters[facet])}" for facet, shown in SHOWN.items() if facet in filters]
        lines.append(in_columns(f"  {vendor.label:<10}", " ".join(parts)))
    return _FILTER.format(vendors="\n".join(lines))


def _variables(vendor: Vendor) -> list[str]:
    """The environment variables of a vendor, as lines of help."""
    secrets = ", ".join(name for names in vendor.credentials.values() for name in names)
    others = ", ".join(filter(None, (*(each.variable for each in vendor.settings), vendor.url)))
    about = f"  {vendor.label} ({vendor.setup if vendor.opens else f'--profile {vendor.name}'})"
    if not secrets and not others:
        return [f"{about} needs no variables"]
    return [f"{about}:", *(f"    {line}" for line in (secrets, others) if line)]


def _default(setting: Setting) -> str:
    """The default of a switch; the hint of a text setting already has its default."""
    return f"; {str(setting.default).lower()} when left out" if isinstance(setting.default, bool) else ""
