from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ingest", "0008_sealed_contacts")]

    operations = [
        migrations.AddIndex(
            model_name="storedmessage",
            index=models.Index(
                condition=models.Q(
                    ("counts", True),
                    ("kind", 1),
                    ("value__startswith", '{"type":"contact","consent":true'),
                ),
                fields=["happened_ms"],
                name="message_reachable",
            ),
        ),
    ]
