"""Who had the first account of a head office administrates it."""

from typing import Any

from django.db import migrations


def appoint(apps: Any, schema_editor: Any) -> None:
    users = apps.get_model('accounts', 'User').objects.using(schema_editor.connection.alias)
    users.filter(is_superuser=True).update(role='administrator')


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_roles'),
    ]

    operations = [
        migrations.RunPython(appoint, migrations.RunPython.noop),
    ]
