from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ingest", "0009_reachable")]

    operations = [
        migrations.CreateModel(
            name="LateCheck",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "kiosk", "version", blank=True, editable=False,
                        primary_key=True, serialize=False,
                    ),
                ),
                ("kiosk", models.BigIntegerField()),
                ("version", models.BigIntegerField()),
                ("installation", models.BigIntegerField()),
                ("seq", models.BigIntegerField()),
                ("over", models.BooleanField(default=False)),
                ("unfit", models.BigIntegerField(default=0)),
            ],
        ),
    ]
