"""Tokens end: with the right of who made them, and after a time. Those of before get a year from now."""

import datetime as dt
from typing import Any

from django.db import migrations, models

from headoffice import clock

_DAYS = 365


def give_a_year(apps: Any, schema_editor: Any) -> None:
    tokens = apps.get_model("api", "Token").objects.using(schema_editor.connection.alias)
    tokens.update(expires_at=clock.now() + dt.timedelta(days=_DAYS))


class Migration(migrations.Migration):

    dependencies = [
        ('api', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='token',
            name='expires_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='token',
            name='maker_role',
            field=models.CharField(default='administrator', max_length=20),
        ),
        migrations.RunPython(give_a_year, migrations.RunPython.noop),
    ]
