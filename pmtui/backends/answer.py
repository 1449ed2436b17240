"""A vendor's answers as typed values. It imports pydantic, so import it where requests are made, not for the first frame.

Envelopes and identities are strict: a list must be a list, an id must be there. Leaves are tolerant: unknown keys and
enum values are kept, null and a missing key mean "not given", a number is accepted as a string. What cannot be understood
is a ``BackendError`` of kind ``ANSWER`` that names the path, never an empty value.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ModelWrapValidatorHandler, PrivateAttr, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from pmtui.backends.base import BackendError, Trouble

os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # looking for them opens every package that is installed

Json = dict[str, Any]


class Plain(BaseModel):
    """The base of every model of an answer: unknown keys are ignored, nothing is turned into another type.

    A validator is built when the first answer of its kind is read: a command reads few of the kinds that there are.
    """

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True, defer_build=True)


class Wire(Plain):
    """A model that keeps its JSON object, unchanged, as ``raw``, for data that goes back as it came. It is slower."""

    _raw: Json = PrivateAttr(default_factory=dict)

    @model_validator(mode="wrap")
    @classmethod
    def _keep_raw(cls, value: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        made = handler(value)
        if isinstance(value, dict):
            made._raw = value
        return made

    @property
    def raw(self) -> Json:
        return self._raw


def _text(value: Any) -> Any:
    """Turn numbers into digits and null into ""; pydantic checks everything else."""
    if value is None:
        return ""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _told(value: Any) -> Any:
    return value if value is None else _text(value)


def _identifier(value: Any) -> Any:
    found = _text(value)
    if found == "":
        raise PydanticCustomError("missing", "is missing")
    return found


def _flag(value: Any) -> Any:
    return False if value is None else value


def _list(value: Any) -> Any:
    return [] if value is None else value


_FRACTION = re.compile(r"(\.\d{6})\d+")


def moment(value: Any) -> datetime | None:
    """An ISO 8601 time with none to nine digits of a second; UTC where no zone is written.

    None for what is no time: a time is shown as unknown, never guessed.
    """
    if not isinstance(value, str):
        return None
    try:
        read = datetime.fromisoformat(_FRACTION.sub(r"\1", value.strip()))
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


Id = Annotated[str, BeforeValidator(_identifier)]
"""A string or number that must be there and not be empty."""
Told = Annotated[str, BeforeValidator(_told)]
"""A string or number that must be there; it may be empty, but not null."""
Text = Annotated[str, BeforeValidator(_text)]
"""A string; a number as digits; "" for null. Give it the default "" when the key may be missing."""
Flag = Annotated[bool, BeforeValidator(_flag)]
"""True or false; null is false."""
Moment = Annotated[datetime | None, BeforeValidator(moment)]
"""ISO 8601 with none to nine digits of a second; UTC where no zone is written; None for null and what is no time."""
OrEmpty = BeforeValidator(_list)
"""``Annotated[list[X], OrEmpty] = []``: a list that is only shown. Never use it for a list that goes back whole."""

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Rows(Generic[M]):
    """The rows of a list that were understood, and for each other row why not ("data[3].id is missing")."""

    understood: tuple[M, ...]
    unreadable: tuple[str, ...] = ()

    def __len__(self) -> int:
        """The number of rows in the answer, understood or not."""
        return len(self.understood) + len(self.unreadable)


def understand(model: type[M], answer: Any, tried: str, *, at: str = "") -> M:
    """The answer as this model. ``tried``: what was being done, in words; ``at``: the path of ``answer`` in the whole answer.

    Raises BackendError (ANSWER) that names the path: "data.attributes.incidents is a number, not a list".
    """
    try:
        return model.model_validate(answer)
    except ValidationError as error:
        raise not_understood(tried, reason(error, at)) from None


def understand_rows(model: type[M], rows: Iterable[Any], *, at: str) -> Rows[M]:
    """Parse each row by itself, so that a bad row costs only that row. ``at`` is the path of the list."""
    good: list[M] = []
    bad: list[str] = []
    for number, row in enumerate(rows):
        try:
            good.append(model.model_validate(row))
        except ValidationError as error:
            bad.append(reason(error, f"{at}[{number}]"))
    return Rows(tuple(good), tuple(bad))


def not_understood(tried: str, why: str) -> BackendError:
    """The error for an answer that was not understood. ``why`` names the path."""
    advice = "try again; if it happens again, check for a proxy in between, or report it"
    return BackendError(Trouble.ANSWER, tried, f"the answer was not understood: {why}", advice)


def reason(error: ValidationError, at: str = "") -> str:
    """The first error, with its path: "data.id is missing", "data is a number, not an object"."""
    return _in_words(error.errors(include_url=False)[0], at)


_EXPECTED = {
    "list_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
    "string_type": "a string",
    "int_type": "a number",
    "float_type": "a number",
    "bool_type": "true or false",
}


def _in_words(detail: ErrorDetails, at: str) -> str:
    path = path_of(detail["loc"], at) or "the answer"
    if detail["type"] == "missing":
        return f"{path} is missing"
    expected = _EXPECTED.get(detail["type"])
    return f"{path} is {kind_of(detail['input'])}, not {expected}" if expected else f"{path}: {detail['msg']}"


def path_of(location: Sequence[int | str], at: str = "") -> str:
    """A path like ``data.incidents[3].id``, without the names that pydantic adds for unions and validators ("function-before[…]")."""
    path = at
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        elif "[" not in part:
            path += f".{part}" if path else part
    return path


def kind_of(value: Any) -> str:
    """The type of a JSON value, in words."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "a list"
        case dict():
            return "an object"
    return type(value).__name__
