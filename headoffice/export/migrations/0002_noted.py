from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("export", "0001_initial")]

    operations = [
        migrations.AddField("Export", "noted_at", models.DateTimeField(null=True)),
    ]
