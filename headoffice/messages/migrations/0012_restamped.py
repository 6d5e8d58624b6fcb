from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ingest", "0011_lived_keys")]

    operations = [
        migrations.CreateModel(
            name="Restamped",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "kiosk", "installation", "first", blank=True, editable=False,
                        primary_key=True, serialize=False,
                    ),
                ),
                ("kiosk", models.BigIntegerField()),
                ("installation", models.BigIntegerField()),
                ("first", models.BigIntegerField()),
                ("last", models.BigIntegerField()),
                ("at_ms", models.BigIntegerField()),
            ],
        ),
    ]
