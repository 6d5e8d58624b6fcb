from django.apps import AppConfig


class ConfigurationConfig(AppConfig):
    name = "headoffice.configuration"
    label = "configuration"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hear of kiosks that take another one's place."""
        from headoffice.configuration.succession import pass_on
        from headoffice.fleet.succession import kiosk_succession

        kiosk_succession.connect(pass_on)
