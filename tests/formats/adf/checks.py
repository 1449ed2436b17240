"""Validates documents in tests: with our own tables, and with the official schema if it is available."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
from hypothesis import HealthCheck, settings
from jsonschema import validators

from pmtui.formats.adf.fit.valid import is_valid
from pmtui.formats.adf.values import dump
from tests.examples import examples

#: No deadline, because the machine may be busy.
relaxed = settings(
    deadline=None, derandomize=True, max_examples=examples(60), suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
SHARED = Path(__file__).parents[4] / "shared" / "adf"


def same(one: Any, other: Any) -> bool:
    """Whether both are equal as JSON: 1 is 1.0, and the order of keys is ignored."""
    return dump(one) == dump(other)


def same_but_blanks(one: Any, other: Any) -> bool:
    """Whether both are equal, ignoring bold and italics on blanks at the ends of texts, which are invisible."""
    return same(_with_plain_blanks(one), _with_plain_blanks(other))


def _with_plain_blanks(node: Any) -> Any:
    if not isinstance(node, dict) or not isinstance(node.get("content"), list):
        return node
    content: list[Any] = []
    for child in node["content"]:
        for part in _parts(child) if isinstance(child, dict) and child.get("type") == "text" else [_with_plain_blanks(child)]:
            if content and part.get("type") == "text" and content[-1] == {**part, "text": content[-1].get("text")}:
                content[-1] = {**part, "text": content[-1]["text"] + part["text"]}
            else:
                content.append(part)
    return {**node, "content": content}


def _parts(text: dict[str, Any]) -> list[dict[str, Any]]:
    value: str = text["text"]
    plain = [mark for mark in text.get("marks", []) if mark["type"] not in ("strong", "em")]
    own = {key: each for key, each in text.items() if key != "marks"}
    core = value.strip(" ")
    start = value[: len(value) - len(value.lstrip(" "))]
    end = value[len(start) + len(core) :]
    parts = [(start, plain), (core, text.get("marks", [])), (end, plain)]
    return [{**own, "text": part, **({"marks": marks} if marks else {})} for part, marks in parts if part]


def _lazy_any_of(validator: Any, any_of: list[Any], instance: Any, schema: Any) -> Iterator[jsonschema.ValidationError]:
    """A lazy anyOf: jsonschema's own lists the errors of all branches, which is exponential on ADF.

    Branches for nodes of another type are not tried: they would not fit.
    """
    mine = instance.get("type") if isinstance(instance, dict) else None
    for index, branch in enumerate(any_of):
        types = _types(branch) if isinstance(mine, str) else None
        if (types is None or mine in types) and next(validator.descend(instance, branch, schema_path=index), None) is None:
            return
    yield jsonschema.ValidationError("fits no form")


def _types(schema: dict[str, Any]) -> frozenset[str] | None:
    """The types of the nodes that may fit this part of the official schema, None for any."""
    if "$ref" in schema:
        return _types_of(schema["$ref"].rpartition("/")[2])
    if "allOf" in schema:
        named = [types for types in map(_types, schema["allOf"]) if types is not None]
        return frozenset.intersection(*named) if named else None
    said = schema.get("properties", {}).get("type", {}).get("enum")
    return None if said is None else frozenset(said)


@cache
def _types_of(definition: str) -> frozenset[str] | None:
    return _types(_schema()["definitions"][definition])


@cache
def _schema() -> Any:
    return json.loads((SHARED / "schema" / "full.json").read_text("utf8"))


@cache
def _official() -> Any:
    if not (SHARED / "schema" / "full.json").exists():
        return None
    return validators.extend(jsonschema.Draft4Validator, {"anyOf": _lazy_any_of})(_schema())  # type: ignore[no-untyped-call]


def official_verdict(document: Any) -> bool | None:
    """Whether the official schema allows the document; None when it is not available."""
    validator = _official()
    return None if validator is None else next(validator.iter_errors(document), None) is None


def allowed(document: dict[str, Any]) -> bool:
    """Whether the document is valid by our tables, and by the official schema if it is available."""
    ours = document.keys() == {"version", "type", "content"} and all(is_valid(node, "doc") for node in document["content"])
    return ours and official_verdict(document) is not False
