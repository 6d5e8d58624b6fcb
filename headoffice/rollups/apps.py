from django.apps import AppConfig


class ResultsConfig(AppConfig):
    name = "headoffice.rollups"
    label = "results"
    default_auto_field = "django.db.models.BigAutoField"
