"""The vendor's own client at work on the sandbox over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from datadog_api_client import ApiClient, Configuration
from datadog_api_client.exceptions import ApiException
from datadog_api_client.v1.api.notebooks_api import NotebooksApi
from datadog_api_client.v2.api.incidents_api import IncidentsApi
from datadog_api_client.v2.model.incident_attachment_type import IncidentAttachmentType
from datadog_api_client.v2.model.incident_field_attributes_single_value import IncidentFieldAttributesSingleValue
from datadog_api_client.v2.model.incident_field_attributes_single_value_type import IncidentFieldAttributesSingleValueType
from datadog_api_client.v2.model.incident_search_sort_order import IncidentSearchSortOrder
from datadog_api_client.v2.model.incident_type import IncidentType
from datadog_api_client.v2.model.incident_update_attributes import IncidentUpdateAttributes
from datadog_api_client.v2.model.incident_update_data import IncidentUpdateData
from datadog_api_client.v2.model.incident_update_request import IncidentUpdateRequest
from datadog_api_client.v2.model.postmortem_attachment_request import PostmortemAttachmentRequest
from datadog_api_client.v2.model.postmortem_attachment_request_attributes import PostmortemAttachmentRequestAttributes
from datadog_api_client.v2.model.postmortem_attachment_request_data import PostmortemAttachmentRequestData
from datadog_api_client.v2.model.postmortem_cell import PostmortemCell
from datadog_api_client.v2.model.postmortem_cell_attributes import PostmortemCellAttributes
from datadog_api_client.v2.model.postmortem_cell_definition import PostmortemCellDefinition
from datadog_api_client.v2.model.postmortem_cell_type import PostmortemCellType

from tests.sandbox.datadog import CHECKOUT, Wire

pytestmark = pytest.mark.filterwarnings("ignore:Using unstable operation")

OPERATIONS = (
    "list_incidents",
    "search_incidents",
    "get_incident",
    "update_incident",
    "create_incident_postmortem_attachment",
    "create_incident_responder",
    "list_incident_responders",
)


@pytest.fixture
def wire() -> Iterator[Wire]:
    with Wire() as wire:
        yield wire


def api(kind: Any, client: Any) -> Any:
    """One of the client's APIs; its constructors have no types."""
    return kind(client)


@pytest.fixture
def client(wire: Wire) -> Iterator[Any]:
    settings: Any = Configuration
    configuration = settings(host=wire.sandbox.url, api_key={"apiKeyAuth": "api", "appKeyAuth": "app"})
    configuration.enable_retry = False
    for operation in OPERATIONS:
        configuration.unstable_operations[operation] = True
    with ApiClient(configuration) as client:
        yield client


def test_it_lists_and_searches(client: Any) -> None:
    incidents = api(IncidentsApi, client)
    assert len(list(incidents.list_incidents_with_pagination(page_size=7))) == 30
    found = incidents.search_incidents(query="state:(active OR stable)", sort=IncidentSearchSortOrder.CREATED_DESCENDING)
    assert found.data.attributes.total == 2
    assert {one.data.attributes.title for one in found.data.attributes.incidents} == {
        "Login e-mails delayed",
        "Search latency in eu-west above 4 s",
    }


def test_it_creates_a_postmortem_and_reads_the_notebook(wire: Wire, client: Any) -> None:
    text = "## Incident Summary\nThis incident was caused by..."
    cell = PostmortemCell(
        id="cell-1",
        type=PostmortemCellType.MARKDOWN,
        attributes=PostmortemCellAttributes(definition=PostmortemCellDefinition(content=text)),
    )
    attributes = PostmortemAttachmentRequestAttributes(
        cells=[cell],
        content="# Incident Report - IR-123\n[...]",
        postmortem_template_id="93645509-874e-45c4-adfa-623bfeaead89-123",
        title="Postmortem-IR-123",
    )
    request = PostmortemAttachmentRequest(
        data=PostmortemAttachmentRequestData(attributes=attributes, type=IncidentAttachmentType.INCIDENT_ATTACHMENTS)
    )
    answer = api(IncidentsApi, client).create_incident_postmortem_attachment(incident_id=wire.find("Login e-mails delayed"), body=request)
    url = answer.data.attributes.attachment.document_url
    assert url.startswith("https://app.datadoghq.com/notebook/")
    notebook = api(NotebooksApi, client).get_notebook(int(url.split("/")[4]))
    assert notebook.data.attributes.cells[0].attributes.definition.text == text


def test_it_changes_an_incident(wire: Wire, client: Any) -> None:
    identifier = wire.find(CHECKOUT)
    severity = IncidentFieldAttributesSingleValue(type=IncidentFieldAttributesSingleValueType.DROPDOWN, value="SEV-2")
    update = IncidentUpdateData(
        id=identifier, type=IncidentType.INCIDENTS, attributes=IncidentUpdateAttributes(title="Changed", fields={"severity": severity})
    )
    incidents = api(IncidentsApi, client)
    answer = incidents.update_incident(incident_id=identifier, body=IncidentUpdateRequest(data=update))
    assert (answer.data.attributes.title, answer.data.attributes.severity.value) == ("Changed", "SEV-2")
    assert incidents.get_incident(incident_id=identifier).data.attributes.title == "Changed"


def test_it_adds_a_responder(wire: Wire, client: Any) -> None:
    incidents, identifier = api(IncidentsApi, client), wire.find(CHECKOUT)
    user = next(one["id"] for one in wire.get("/api/v2/users", filter="wei")["data"])
    body = {"data": {"type": "incident_responders", "relationships": {"user": {"data": {"type": "users", "id": UUID(user)}}}}}
    before = len(incidents.list_incident_responders(incident_id=identifier).data)
    incidents.create_incident_responder(incident_id=identifier, body=body)
    after = incidents.list_incident_responders(incident_id=identifier)
    assert len(after.data) == before + 1
    assert "Wei Zhang" in {one.attributes.name for one in after.included}


def test_it_reads_every_notebook_that_it_may(wire: Wire, client: Any) -> None:
    notebooks = api(NotebooksApi, client)
    numbers = [record["id"] for record in wire.service.state.notebooks() if "restricted" not in record["quirks"]]
    assert [notebooks.get_notebook(number).data.id for number in numbers] == numbers


def test_its_exception_carries_the_refusal(wire: Wire, client: Any) -> None:
    with pytest.raises(ApiException) as caught:
        api(NotebooksApi, client).get_notebook(1)
    assert caught.value.status == 404
