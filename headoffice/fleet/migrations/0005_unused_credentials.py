from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("fleet", "0004_every_place_has_a_group")]

    operations = [
        migrations.AddField("credential", "unused", models.BooleanField(default=False)),
    ]
