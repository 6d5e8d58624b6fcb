"""The pages of signing in and of those who may."""
