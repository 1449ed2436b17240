"""The parts of an incident with their own endpoints: responders, integrations, action items.

They are strict, because they are changed entry by entry, or go back whole.
"""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import AfterValidator, model_validator
from pydantic_core import PydanticCustomError

from pmtui.backends.answer import Plain, Text, Told, Wire, kind_of
from pmtui.backends.datadog.wire.incidents import USERS, User
from pmtui.backends.datadog.wire.values import Included, Resource, ToMany, ToOne, side_loaded
from pmtui.model.values import Link

JIRA = 8  # integration_type (vendor's OpenAPI; an open set)


def _told(ids: tuple[str, ...] | None) -> tuple[str, ...]:
    if ids is None:
        raise PydanticCustomError("not_told", "does not say who it is")
    return ids


class ResponderRelationships(Plain):
    """The user (required) and the roles. A guest from a chat has no user (documented: ``user.data`` may be null)."""

    user: Annotated[ToOne, AfterValidator(_told)]
    role_assignments: ToMany = None


class Responder(Resource):
    """A responder; ``id`` is the responder's id, not the user's."""

    relationships: ResponderRelationships

    @property
    def user(self) -> str:
        """The user's id, "" of a guest."""
        return (self.relationships.user or ("",))[0]


class Responders(Wire):
    """The answer to the GET of the responders."""

    data: list[Responder]
    included: Included

    @property
    def users(self) -> dict[str, User]:
        return side_loaded(User, self.included, USERS)

    @property
    def guests(self) -> int:
        """The number of responders who are not Datadog users."""
        return sum(not each.user for each in self.data)


class JiraIssue(Wire):
    """A Jira issue; one that is still being created has neither key nor address."""

    account: Text = ""
    project_key: Text = ""
    issue_key: Text = ""
    redirect_url: Text = ""

    @property
    def link(self) -> Link:
        browse = f"{self.account.rstrip('/')}/browse/{self.issue_key}" if self.issue_key and self.account else self.account
        return Link(self.redirect_url or browse, self.issue_key or self.project_key)


def _named(issues: list[JiraIssue]) -> list[JiraIssue]:
    for number, each in enumerate(issues):
        if not each.link.url:
            raise PydanticCustomError("no_address", f"[{number}] has no address")
    return issues


class JiraMetadata(Plain):
    """The Jira issues of one integration."""

    issues: Annotated[list[JiraIssue], AfterValidator(_named)]


class IntegrationAttributes(Plain):
    """The shape of ``metadata`` depends on the type of integration; ``jira`` is set for Jira."""

    integration_type: int
    metadata: Any = None
    jira: JiraMetadata | None = None

    @model_validator(mode="before")
    @classmethod
    def _by_type(cls, value: Any) -> Any:
        jira = isinstance(value, dict) and value.get("integration_type") == JIRA
        return {**value, "jira": value.get("metadata")} if jira else value

    @model_validator(mode="after")
    def _jira_has_issues(self) -> Self:
        if self.integration_type == JIRA and self.jira is None:
            raise PydanticCustomError("no_metadata", "has no metadata")
        return self


class Integration(Resource, Wire):
    """One integration of an incident: Jira, Slack or another."""

    attributes: IntegrationAttributes

    @property
    def jira(self) -> JiraMetadata | None:
        """The Jira issues, None for an integration of another type."""
        return self.attributes.jira


class Integrations(Wire):
    """The answer to the GET of the integrations."""

    data: list[Integration]


def _assignee(value: Any) -> Any:
    if isinstance(value, str) or (isinstance(value, dict) and assignee_label(value)):
        return value
    raise PydanticCustomError("assignee", f"is {kind_of(value)}, not somebody with a handle or a name")


def assignee_label(assignee: Any) -> str:
    """The label of an assignee: a handle, or the name of a Slack or Teams user."""
    if isinstance(assignee, str):
        return assignee
    return next((found for name in ("name", "id") if isinstance(found := assignee.get(name), str) and found), "")


class TodoAttributes(Plain):
    """Every attribute is required, because all go back with each change. ``completed`` is a time, "" while it is not done."""

    content: Told
    assignees: list[Annotated[Any, AfterValidator(_assignee)]]
    due_date: Text
    completed: Text


class Todo(Resource):
    """One action item."""

    attributes: TodoAttributes


class Todos(Wire):
    """The answer to the GET of the todos."""

    data: list[Todo]
