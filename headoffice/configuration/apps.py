from django.apps import AppConfig


class ConfigurationConfig(AppConfig):
    name = "headoffice.configuration"
    label = "configuration"
    default_auto_field = "django.db.models.BigAutoField"
