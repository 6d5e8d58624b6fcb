"""Keys of contact details are kept for days that have passed, whatever a clock shows."""

from typing import Any

from django.db import migrations, models

from headoffice import clock

_DAY_MS = 86_400_000


def note_age(apps: Any, schema_editor: Any) -> None:
    """What passed before is counted by the calendar, as it was until now."""
    keys = apps.get_model("ingest", "ContactKey").objects.using(schema_editor.connection.alias)
    today = clock.now().date()
    for key in keys.exclude(day=None):
        key.lived_ms = -max(0, (today - key.day).days) * _DAY_MS
        key.save(update_fields=["lived_ms"])


class Migration(migrations.Migration):
    dependencies = [("ingest", "0010_late_checks")]

    operations = [
        migrations.AddField("contactkey", "lived_ms", models.BigIntegerField(null=True)),
        migrations.RunPython(note_age, migrations.RunPython.noop),
    ]
