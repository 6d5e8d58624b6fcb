from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("fleet", "0010_listed_codes")]

    operations = [
        migrations.AddField("group", "goal", models.SmallIntegerField(null=True)),
        migrations.AddField("experiencepoint", "goal", models.SmallIntegerField(null=True)),
    ]
