from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ingest", "0005_in_order_of_receipt")]

    operations = [
        migrations.CreateModel(
            name="BootBounds",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "kiosk", "boot", blank=True, editable=False, primary_key=True,
                        serialize=False,
                    ),
                ),
                ("kiosk", models.BigIntegerField()),
                ("boot", models.UUIDField()),
                ("earliest_ms", models.BigIntegerField()),
                ("latest_ms", models.BigIntegerField()),
            ],
        ),
    ]
