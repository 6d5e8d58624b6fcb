from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("fleet", "0007_key_and_program")]

    operations = [
        migrations.AddField("kiosk", "troubles", models.JSONField(default=list)),
    ]
