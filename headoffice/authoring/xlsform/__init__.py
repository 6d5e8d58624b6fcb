"""XLSForm, the convention for forms in spreadsheets: read as far as kiosks can ask it."""
