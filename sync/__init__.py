"""How answers get home: outbox, wire messages, relay, heartbeat, enrolment, scheduler."""
