from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("fleet", "0006_demonstration")]

    operations = [
        migrations.AddField(
            "headoffice", "key_fingerprint", models.CharField(max_length=16, default="")
        ),
        migrations.AddField("headoffice", "program", models.CharField(max_length=40, default="")),
    ]
