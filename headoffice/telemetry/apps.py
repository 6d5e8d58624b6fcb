from django.apps import AppConfig


class TelemetryConfig(AppConfig):
    name = "headoffice.telemetry"
    label = "telemetry"

    def ready(self) -> None:
        from headoffice.ingest.signals import delivery_stored
        from headoffice.questionnaires.signals import definition_refused, definition_stored
        from headoffice.telemetry import figures

        delivery_stored.connect(figures.count_delivery, dispatch_uid="telemetry")
        definition_stored.connect(figures.count_stored_definition, dispatch_uid="telemetry")
        definition_refused.connect(figures.count_refused_definition, dispatch_uid="telemetry")
