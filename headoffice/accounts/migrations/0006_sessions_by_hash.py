"""Sessions are found by the hash of their key from now on: those of before end, also in old copies."""

from typing import Any

from django.db import migrations


def end_sessions(apps: Any, schema_editor: Any) -> None:
    connection = schema_editor.connection
    if connection.vendor == "sqlite":
        # Their keys are not left in pages that are free again.
        connection.cursor().execute("PRAGMA secure_delete=ON")
    apps.get_model("sessions", "Session").objects.using(connection.alias).all().delete()


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_known_places'),
        ('sessions', '0001_initial'),
    ]

    operations = [
        migrations.RunPython(end_sessions, migrations.RunPython.noop),
    ]
