"""What a kiosk is told: questionnaires and settings, typed, validated, with shipped defaults."""
