from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("export", "0003_answers_have_ids")]

    operations = [
        migrations.AddField(
            "Export",
            "separator",
            models.CharField(
                choices=[("comma", "Comma"), ("semicolon", "Semicolon"), ("tab", "Tab")],
                default="comma",
                max_length=10,
            ),
        ),
    ]
