from django.apps import AppConfig


class ExportConfig(AppConfig):
    name = "headoffice.export"
    label = "export"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from headoffice.export import sql_views

        sql_views.connect_signals()
