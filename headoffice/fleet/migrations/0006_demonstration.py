from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("fleet", "0005_unused_credentials")]

    operations = [
        migrations.AddField("kiosk", "demonstration", models.BooleanField(default=False)),
    ]
