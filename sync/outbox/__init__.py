"""The outbox: every answer, durable and numbered, until the head office has it."""
