"""The Datadog account: site, credentials, field definitions, people, templates."""
