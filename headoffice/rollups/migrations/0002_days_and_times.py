"""Counts per day, how long questions took and where shoppers left; no second copy of messages."""

from collections import Counter
from typing import Any

from django.db import migrations, models

KEY = ('kiosk', 'point', 'version', 'question', 'value', 'language', 'misuse', 'test', 'day')
LAST_WORDS = """
SELECT w.hour_ms, w.kiosk, w.point, w.version, w.question, w.language, w.misuse, w.test, w.day,
       w.words, m.took_ms, m.kind, m.question
FROM results_lastword w JOIN ingest_storedmessage m
    ON m.kiosk = w.kiosk AND m.installation = w.installation AND m.seq = w.seq
WHERE w.kiosk = %s
"""
COUNTING = """
UPDATE ingest_storedmessage SET counts = EXISTS (
    SELECT 1 FROM results_lastword w
    WHERE w.kiosk = ingest_storedmessage.kiosk
        AND w.installation = ingest_storedmessage.installation
        AND w.seq = ingest_storedmessage.seq
)
"""


def recount(apps: Any, schema_editor: Any) -> None:
    connection = schema_editor.connection
    last_word, hourly, daily = (
        apps.get_model('results', n).objects.using(connection.alias)
        for n in ('LastWord', 'Hourly', 'Daily')
    )
    with connection.cursor() as cursor:
        cursor.execute(COUNTING)
    hourly.all().delete()
    for kiosk in last_word.values_list('kiosk', flat=True).distinct().order_by('kiosk'):
        hours: Counter[tuple[Any, ...]] = Counter()
        took: Counter[tuple[Any, ...]] = Counter()
        for hour, row in words_of(connection, kiosk):
            for key in ((hour, *row[:-1]), (None, *row[:-1])):
                hours[key] += 1
                took[key] += row[-1]
        for model, per_hour in ((hourly, True), (daily, False)):
            model.bulk_create(
                (
                    model.model(
                        **dict(zip(KEY, key[1:], strict=True)),
                        **({'hour_ms': key[0]} if per_hour else {}),
                        count=n,
                        took_ms=took[key],
                    )
                    for key, n in hours.items()
                    if (key[0] is not None) == per_hour
                ),
                batch_size=500,
            )


def words_of(connection: Any, kiosk: int) -> list[tuple[int, tuple[Any, ...]]]:
    with connection.cursor() as cursor:
        cursor.execute(LAST_WORDS, [kiosk])
        found = []
        for hour, *at, language, misuse, test, day, words, took, kind, left in cursor.fetchall():
            values = words.split('\n') + ([f'left:{left}'] if kind == 3 and left else [])
            rest = (language, misuse, bool(test), day, took)
            found += [(hour, (*at, value, *rest)) for value in values]
        return found


class Migration(migrations.Migration):

    dependencies = [
        ('ingest', '0003_last_words'),
        ('results', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Daily',
            fields=[
                ('pk', models.CompositePrimaryKey('kiosk', 'day', 'point', 'version', 'question', 'value', 'language', 'misuse', 'test', blank=True, editable=False, primary_key=True, serialize=False)),
                ('kiosk', models.BigIntegerField()),
                ('point', models.BigIntegerField()),
                ('version', models.BigIntegerField()),
                ('question', models.CharField(max_length=40)),
                ('value', models.CharField(max_length=60)),
                ('language', models.CharField(max_length=8)),
                ('misuse', models.CharField(max_length=100)),
                ('test', models.BooleanField()),
                ('day', models.DateField()),
                ('count', models.BigIntegerField()),
                ('took_ms', models.BigIntegerField(default=0)),
            ],
            options={
                'indexes': [models.Index(fields=['day', 'point'], name='daily_day_point')],
            },
        ),
        migrations.AddField('hourly', 'took_ms', models.BigIntegerField(default=0)),
        migrations.RunPython(recount, migrations.RunPython.noop),
    ]
