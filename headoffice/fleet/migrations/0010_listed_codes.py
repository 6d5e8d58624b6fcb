from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("fleet", "0009_offline")]

    operations = [
        migrations.AddField("enrolmentcode", "box", models.CharField(max_length=200, default="")),
        migrations.AddField("enrolmentcode", "maker", models.CharField(max_length=150, default="")),
        migrations.AddField(
            "enrolmentcode", "batch", models.UUIDField(null=True, db_index=True)
        ),
    ]
