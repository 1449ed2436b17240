"""The keys of every JSON object that a command prints. ``pmtui help json`` shows them; a test compares them with real output."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pmtui.cli.printing.columns import in_columns

SAVE = MappingProxyType(
    {
        "schema": "1; keys may be added, these stay",
        "command": "the command that printed this",
        "reference": "the incident as people refer to it: IR-338, #42",
        "incident_id": "the vendor's id of the incident",
        "document": "the vendor's id of the postmortem, empty for none",
        "url": "its address",
        "exit_code": "the exit code of the command",
        "kind": "the word for it: see `pmtui help exit-codes`",
        "dry_run": "whether this was a dry run",
        "changed": "whether the server was changed; in a dry run whether it would be",
        "sent": "whether a write was sent",
        "verified": "whether reading the server back showed it",
        "changes": "a list: id, title, diff (its lines)",
        "outcomes": "a list, one for each change that was to be sent: id, state, detail, trouble, request_id",
        "requests": "a list, in a dry run: method, path, body",
        "warnings": "side effects of the writes",
        "notices": "further remarks",
    }
)
"""What every command that writes prints."""

_ABOUT = MappingProxyType({name: SAVE[name] for name in list(SAVE)[: list(SAVE).index("kind") + 1]})
_SCHEMA = MappingProxyType({"schema": SAVE["schema"]})

OWN: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "incidents": {
            **_SCHEMA,
            "incidents": "a list: id, reference, title, severity, status, owner, created, postmortem, url, private",
            "complete": "whether these are all that match",
            "unreadable": "a line for each incident that was not understood",
            "notices": SAVE["notices"],
        },
        "show": {
            **_SCHEMA,
            "incident": "as in the list of incidents",
            "id": SAVE["document"],
            "url": SAVE["url"],
            "fields": "values by field name; people, links and action items are objects",
            "cells": "a list: title, kind (markdown or opaque), text",
            "unread": "a list of parts that could not be read: part, why, trouble",
            "notices": SAVE["notices"],
            "offline": "whether this is what was read last, not what the server has",
            "read_at": "when it was read",
            "age_seconds": "how long ago that was",
        },
        "set": SAVE,
        "edit": SAVE,
        "cell": SAVE,
        "publish": SAVE,
        "create": {**SAVE, "cells": "how many sections the new postmortem has"},
        "delete": {**SAVE, "removed": "what was deleted: id, incident, url"},
        "adopt": SAVE,
        "status": {**_ABOUT, "status": "the current one; with VALUE it prints what set prints", "choices": "the values that are known"},
        "open": {**_ABOUT, "address": "the address"},
        "push": {**SAVE, "file": "path, written (whether it was updated), from_others (what others changed in it)"},
        "pull": {**_ABOUT, "file": "its path", "written": "whether its bytes changed"},
        "diff": {**_ABOUT, "same": "whether the server has what the file says", "changes": SAVE["changes"]},
        "timeline": {
            **_SCHEMA,
            "reference": SAVE["reference"],
            "timeline": "a list in order: at, source, author, text, important",
        },
        "export": {
            **_SCHEMA,
            "directory": "the folder",
            "complete": "whether everything was exported",
            "interrupted": "whether it was stopped; the same command continues it",
            "new": "files that are new",
            "changed": "files that changed",
            "unchanged": "how many did not change",
            "resumed": "how many were already written by an interrupted run",
            "gone": "files of postmortems that are no longer on the server",
            "conflicts": "files whose edits do not merge",
            "edited": "files with edits that the server does not have",
            "others": "what stood in the folder before its first export, is not of it, and stays as it is",
            "not_found": "a list of postmortems that exist and were not found: reference, title, state, url, why",
            "failed": "a list: what, why",
            "missing": "by reference, what could not be read",
            "looked_in": "files, found, refused (name, why), in_vain (paths without the address of a postmortem)",
            "attachments": "pictures and files: loaded, named (in the manifest alone), failed (of these, could not be loaded)",
            "named_in_vain": "ids that lead to no postmortem",
            "from_here": "by file, what came from this computer and not from the server",
            "account": "lists of the account that could not be read",
            "incidents": "listed, unreadable, not_sent",
            "stopped": "why it ended early, empty if it did not",
        },
        "verify": {
            **_SCHEMA,
            "same": "whether there is no difference, and nothing known to exist is missing",
            "offline": "whether the server was not asked",
            "documents": "how many were compared",
            "differences": "a list: where (directory or server), file, what, lines",
            "unknown": "what could not be compared",
            "not_found": "as in export: what is known to exist and is not in the folder",
            "missing": "what the export could not read",
        },
        "copy": {
            **_SCHEMA,
            "command": SAVE["command"],
            "dry_run": SAVE["dry_run"],
            "sent": SAVE["sent"],
            "verified": SAVE["verified"],
            "requests": SAVE["requests"],
            "notices": SAVE["notices"],
            "source": "the incident: id, reference, title, url",
            "target": "where it went, as source; null for an incident that is not there yet",
            "found": "how the target was found: given, copied before, same reference and title, looks the same, new",
            "state": "what was done",
            "why": "why not, empty if it was",
            "exit_code": SAVE["exit_code"],
            "losses": "what became of each part: counts, parts, warnings",
            "kind": SAVE["kind"],
        },
        "drafts": {
            **_SCHEMA,
            "drafts": "a list: reference, updated, changes, title, profile, host, pid, alive, damaged, owes, path",
        },
        "log": {
            **_SCHEMA,
            "entries": "a list, the latest first: time, actor, vendor, incident, what, outcome, before, after, request_id",
            "unreadable": "how many lines of the log are damaged",
        },
        "themes": {
            **_SCHEMA,
            "themes": "a list: name, current, dark, from",
            "directory": "the folder of your own",
            "unreadable": "files that cannot be used",
        },
        "doctor": {**_SCHEMA, "checks": "a list: name, state (ok, warn, fail), detail", "routes": "with --routes, a list"},
    }
)
"""The keys by command."""

ERROR = MappingProxyType(
    {
        "message": "what went wrong, in one line",
        "exit_code": SAVE["exit_code"],
        "kind": SAVE["kind"],
        "trouble, status, request_id, advice": "of the server, where they are known",
    }
)


def json_help() -> str:
    """The text of ``pmtui help json``."""
    saves = [name for name, keys in OWN.items() if keys is SAVE]
    parts = [
        f"With --json a command prints one object.\n{', '.join(saves)} print this, whatever the outcome:\n{_listed(SAVE)}",
        *(_command(name, keys) for name, keys in OWN.items() if keys is not SAVE),
        'A notice is one object per line on standard error,\n{"schema": 1, "notice": "…"}.',
        f'An error is one object on standard error, {{"schema": 1, "error": {{…}}}}, with\nthese keys:\n{_listed(ERROR)}',
    ]
    return "\n\n".join(parts)


def _command(name: str, keys: Mapping[str, str]) -> str:
    shared = next(base for base in (SAVE, _ABOUT, _SCHEMA) if keys.items() >= base.items())
    words = {id(SAVE): "the same, and", id(_ABOUT): "the first eight of these, schema to kind, and", id(_SCHEMA): "schema, and"}[id(shared)]
    return f"{name} prints {words}\n{_listed({key: meaning for key, meaning in keys.items() if key not in shared})}"


def _listed(keys: Mapping[str, str]) -> str:
    return "\n".join(in_columns(f"  {key:13} ", meaning) for key, meaning in keys.items())
