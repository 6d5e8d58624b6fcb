"""Counts per month, made of those per day."""

from typing import Any

from django.db import migrations, models

SAID = 'kiosk, point, version, question, value, language, misuse, test'


def add_up(apps: Any, schema_editor: Any) -> None:
    connection = schema_editor.connection
    month = (
        "date_trunc('month', day)::date"
        if connection.vendor == 'postgresql'
        else "date(day, 'start of month')"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO results_monthly ({SAID}, month, count, took_ms)'
            f' SELECT {SAID}, {month}, sum(count), sum(took_ms) FROM results_daily'
            f' GROUP BY {SAID}, {month}'
        )


class Migration(migrations.Migration):

    dependencies = [
        ('results', '0004_sums_of_areas'),
    ]

    operations = [
        migrations.CreateModel(
            name='Monthly',
            fields=[
                ('version', models.BigIntegerField()),
                ('question', models.CharField(max_length=40)),
                ('value', models.CharField(max_length=60)),
                ('language', models.CharField(max_length=8)),
                ('misuse', models.CharField(max_length=100)),
                ('test', models.BooleanField()),
                ('count', models.BigIntegerField()),
                ('took_ms', models.BigIntegerField(default=0)),
                ('kiosk', models.BigIntegerField()),
                ('point', models.BigIntegerField()),
                ('pk', models.CompositePrimaryKey('kiosk', 'month', 'point', 'version', 'question', 'value', 'language', 'misuse', 'test', blank=True, editable=False, primary_key=True, serialize=False)),
                ('month', models.DateField()),
            ],
            options={
                'indexes': [models.Index(fields=['point', 'question', 'month'], name='monthly_place')],
            },
        ),
        migrations.RunPython(add_up, migrations.RunPython.noop),
    ]
