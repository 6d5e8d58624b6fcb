"""Places from before there was a tree stand together at its top."""

from typing import Any

from django.db import migrations


def plant(apps: Any, schema_editor: Any) -> None:
    database = schema_editor.connection.alias
    points = apps.get_model('fleet', 'ExperiencePoint').objects.using(database).filter(group=None)
    if points.exists():
        top = apps.get_model('fleet', 'Group').objects.using(database).create(name='Places')
        points.update(group=top)


class Migration(migrations.Migration):

    dependencies = [
        ('fleet', '0002_tree'),
    ]

    operations = [
        migrations.RunPython(plant, migrations.RunPython.noop),
    ]
