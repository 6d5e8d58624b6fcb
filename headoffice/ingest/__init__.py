"""What kiosks deliver: checked, stored once, counted."""
