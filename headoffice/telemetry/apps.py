from django.apps import AppConfig


class TelemetryConfig(AppConfig):
    name = "headoffice.telemetry"
    label = "telemetry"

    def ready(self) -> None:
        from headoffice.ingest.deliveries import delivered
        from headoffice.telemetry import figures

        delivered.connect(figures.note_delivery, dispatch_uid="telemetry")
