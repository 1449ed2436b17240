"""What the Datadog account is and has: site, credentials, field definitions, people, templates."""
