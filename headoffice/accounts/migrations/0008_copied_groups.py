"""Every manager goes on looking after the group that they had."""

from typing import Any

from django.db import migrations


def copy_groups(apps: Any, schema_editor: Any) -> None:
    alias = schema_editor.connection.alias
    responsibilities = apps.get_model("accounts", "Responsibility").objects.using(alias)
    users = apps.get_model("accounts", "User").objects.using(alias)
    found = users.filter(role="manager", group__isnull=False).values_list("pk", "group")
    responsibilities.bulk_create(
        responsibilities.model(user_id=user, group_id=group) for user, group in found
    )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_responsibilities")]

    operations = [migrations.RunPython(copy_groups, migrations.RunPython.noop)]
