"""Sums of areas. They are made from the counts while the head office runs, so nothing waits."""

from typing import Any

from django.db import migrations, models


def one_horizon(apps: Any, schema_editor: Any) -> None:
    apps.get_model('results', 'Horizon').objects.using(schema_editor.connection.alias).create(id=1)


class Migration(migrations.Migration):

    dependencies = [
        ('results', '0003_no_last_words'),
    ]

    operations = [
        migrations.CreateModel(
            name='Area',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('points', models.JSONField()),
                ('summed_before', models.DateField(null=True)),
                ('unused_since', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='AreaDay',
            fields=[
                ('version', models.BigIntegerField()),
                ('question', models.CharField(max_length=40)),
                ('value', models.CharField(max_length=60)),
                ('language', models.CharField(max_length=8)),
                ('misuse', models.CharField(max_length=100)),
                ('test', models.BooleanField()),
                ('count', models.BigIntegerField()),
                ('took_ms', models.BigIntegerField(default=0)),
                ('pk', models.CompositePrimaryKey('area', 'question', 'day', 'version', 'value', 'language', 'misuse', 'test', blank=True, editable=False, primary_key=True, serialize=False)),
                ('area', models.BigIntegerField()),
                ('day', models.DateField()),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='AreaHour',
            fields=[
                ('version', models.BigIntegerField()),
                ('question', models.CharField(max_length=40)),
                ('value', models.CharField(max_length=60)),
                ('language', models.CharField(max_length=8)),
                ('misuse', models.CharField(max_length=100)),
                ('test', models.BooleanField()),
                ('count', models.BigIntegerField()),
                ('took_ms', models.BigIntegerField(default=0)),
                ('pk', models.CompositePrimaryKey('area', 'question', 'hour_ms', 'version', 'value', 'language', 'misuse', 'test', blank=True, editable=False, primary_key=True, serialize=False)),
                ('area', models.BigIntegerField()),
                ('hour_ms', models.BigIntegerField()),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Horizon',
            fields=[
                ('id', models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('before', models.DateField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Late',
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
                ('day', models.DateField()),
                ('pk', models.CompositePrimaryKey('kiosk', 'hour_ms', 'point', 'version', 'question', 'value', 'language', 'misuse', 'test', blank=True, editable=False, primary_key=True, serialize=False)),
                ('hour_ms', models.BigIntegerField()),
            ],
            options={
                'indexes': [models.Index(fields=['point', 'question', 'day'], name='late_place')],
            },
        ),
        # A page reads some questions of a few places over long times, or of many over few days.
        migrations.RemoveIndex('daily', 'daily_day_point'),
        migrations.AddIndex(
            'daily', models.Index(fields=['point', 'question', 'day'], name='daily_place')
        ),
        migrations.RemoveIndex('hourly', 'hourly_day_point'),
        migrations.AddIndex(
            'hourly', models.Index(fields=['point', 'question', 'day'], name='hourly_place')
        ),
        migrations.RunPython(one_horizon, migrations.RunPython.noop),
    ]
