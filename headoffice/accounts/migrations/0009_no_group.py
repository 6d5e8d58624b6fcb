from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_copied_groups")]

    operations = [
        migrations.RemoveConstraint("user", "a_manager_has_a_group"),
        migrations.RemoveField("user", "group"),
    ]
