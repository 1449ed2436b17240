"""Datadog's answers as typed models: `incidents`, `notebooks`, `parts` (responders, integrations, todos), `account`.

Shapes: vendor's OpenAPI and recorded exchanges (datadog-api-client 2.62.0). It imports pydantic: import it where requests are made.
"""
