"""The head office's configuration on this kiosk: stored, checked, on trial, in force."""
