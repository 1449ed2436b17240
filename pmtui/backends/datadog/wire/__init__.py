"""What Datadog answers, as typed models. Shapes: vendor's OpenAPI and recorded exchanges (datadog-api-client 2.62.0)."""
