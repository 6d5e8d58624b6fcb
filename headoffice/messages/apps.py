from django.apps import AppConfig


class IngestConfig(AppConfig):
    name = "headoffice.messages"
    label = "ingest"
    default_auto_field = "django.db.models.BigAutoField"
