from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("fleet", "0008_troubles")]

    operations = [
        migrations.AddField("kiosk", "offline", models.BooleanField(default=False)),
    ]
