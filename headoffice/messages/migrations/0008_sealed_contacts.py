"""Contact details that were stored as they are get sealed, see headoffice/messages/contacts.py."""

from typing import Any

import msgspec
from django.db import migrations, models

from headoffice import clock
from headoffice.messages import contacts
from config.values import ContactDetails

_READABLE = '{"type":"contact","consent":true'


def seal(apps: Any, schema_editor: Any) -> None:
    """Seal all that is there to one key of today."""
    using = schema_editor.connection.alias
    messages = apps.get_model("ingest", "StoredMessage").objects.using(using)
    readable = messages.filter(kind=1, value__startswith=_READABLE)
    found = list(readable.values_list("kiosk", "installation", "seq", "value"))
    if not found:
        return
    public, locked = contacts.new_key_pair()
    key = (
        apps.get_model("ingest", "ContactKey")
        .objects.using(using)
        .create(day=clock.now().date(), public=public, locked=locked)
    )
    for kiosk, installation, seq, value in found:
        details = msgspec.json.decode(value, type=ContactDetails)
        messages.filter(kiosk=kiosk, installation=installation, seq=seq).update(
            value=contacts.seal_to_key(details, key.pk, public)
        )


class Migration(migrations.Migration):
    dependencies = [("ingest", "0007_newest_written")]

    operations = [
        migrations.CreateModel(
            name="ContactKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(db_index=True, null=True)),
                ("public", models.BinaryField(max_length=32)),
                ("locked", models.BinaryField(max_length=72)),
            ],
        ),
        migrations.RunPython(seal, migrations.RunPython.noop),
    ]
