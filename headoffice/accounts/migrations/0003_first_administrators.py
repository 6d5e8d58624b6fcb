"""Who had the first account of a head office administrates it."""

from typing import Any

from django.db import migrations


def appoint(apps: Any, schema_editor: object) -> None:
    apps.get_model('accounts', 'User').objects.filter(is_superuser=True).update(role='administrator')


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_roles'),
    ]

    operations = [
        migrations.RunPython(appoint, migrations.RunPython.noop),
    ]
