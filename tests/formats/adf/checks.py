"""What the tests hold documents against: our own tables, and the official schema where it is at hand."""

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

#: No deadline: the machine that runs the tests may be busy.
relaxed = settings(
    deadline=None, derandomize=True, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
SHARED = Path(__file__).parents[4] / "shared" / "adf"


def same(one: Any, other: Any) -> bool:
    """Equal as JSON: 1 is 1.0, the order of keys is nothing."""
    return dump(one) == dump(other)


def _lazy_any_of(validator: Any, any_of: list[Any], instance: Any, schema: Any) -> Iterator[jsonschema.ValidationError]:
    """jsonschema's own anyOf lists the errors of all branches: exponential on ADF."""
    for index, branch in enumerate(any_of):
        if next(validator.descend(instance, branch, schema_path=index), None) is None:
            return
    yield jsonschema.ValidationError("fits no form")


@cache
def _official() -> Any:
    path = SHARED / "schema" / "full.json"
    if not path.exists():
        return None
    return validators.extend(  # type: ignore[no-untyped-call]
        jsonschema.Draft4Validator, {"anyOf": _lazy_any_of}
    )(json.loads(path.read_text("utf8")))


def official_verdict(document: Any) -> bool | None:
    """Whether the official schema allows the document; None where it is not at hand."""
    validator = _official()
    return None if validator is None else next(validator.iter_errors(document), None) is None


def allowed(document: dict[str, Any]) -> bool:
    """Whether the document is valid, by our tables and by the official schema where that is at hand."""
    ours = document.keys() == {"version", "type", "content"} and all(is_valid(node, "doc") for node in document["content"])
    return ours and official_verdict(document) is not False
