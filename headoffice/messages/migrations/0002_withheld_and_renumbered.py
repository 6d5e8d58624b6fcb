"""Withheld numbers get a reason; renumbered messages are found by their content."""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def copy(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    alias = editor.connection.alias
    old, new = apps.get_model("ingest", "Renumbered"), apps.get_model("ingest", "RenumberedByContent")
    fields = ("kiosk", "fingerprint", "origin", "origin_seq")
    # The same content may have come from more than one origin: any of them will do.
    new.objects.using(alias).bulk_create(
        (new(**row) for row in old.objects.using(alias).values(*fields).iterator()),
        batch_size=500,
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    dependencies = [("ingest", "0001_initial")]

    operations = [
        migrations.AlterField(
            "unstored",
            "reason",
            models.CharField(
                choices=[("invalid", "Invalid"), ("duplicate", "Duplicate"), ("withheld", "Withheld")],
                max_length=10,
            ),
        ),
        migrations.CreateModel(
            name="RenumberedByContent",
            fields=[
                ("pk", models.CompositePrimaryKey("kiosk", "fingerprint", blank=True, editable=False, primary_key=True, serialize=False)),
                ("kiosk", models.BigIntegerField()),
                ("fingerprint", models.BinaryField(max_length=16)),
                ("origin", models.UUIDField()),
                ("origin_seq", models.BigIntegerField()),
            ],
        ),
        migrations.RunPython(copy, migrations.RunPython.noop),
        migrations.DeleteModel("Renumbered"),
        migrations.RenameModel("RenumberedByContent", "Renumbered"),
        migrations.AddIndex(
            "renumbered",
            models.Index(fields=["kiosk", "origin", "origin_seq"], name="renumbered_origin"),
        ),
    ]
