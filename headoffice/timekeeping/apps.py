from django.apps import AppConfig


class TimekeepingConfig(AppConfig):
    name = "headoffice.timekeeping"
    label = "timekeeping"
    default_auto_field = "django.db.models.BigAutoField"
