"""The screens: each renders one view and emits named events."""
