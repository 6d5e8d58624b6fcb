"""What staff pages and commands share: tests, export, enrolment and hardware."""
