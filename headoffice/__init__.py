"""What the head office gets: ingest, fleet, questionnaires, results, accounts (Django)."""
