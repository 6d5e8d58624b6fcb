"""Whether a message counts is known of the message itself; misuse may be judged anew."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ingest', '0002_withheld_and_renumbered'),
    ]

    operations = [
        # Set right for earlier messages by results 0002, which knows the last words.
        migrations.AddField('storedmessage', 'counts', models.BooleanField(default=True), preserve_default=False),
        migrations.AddField('storedmessage', 'reported_misuse', models.CharField(max_length=100, null=True)),
        migrations.AddIndex('storedmessage', models.Index(fields=['kiosk', 'response'], name='message_kiosk_response')),
        migrations.AddIndex('storedmessage', models.Index(condition=models.Q(('certain', False)), fields=['kiosk', 'boot'], name='message_uncertain_boot')),
    ]
