"""From counts to figures and pages."""
