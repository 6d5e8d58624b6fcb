"""The frame of every address: problem documents, body limits, static files."""
