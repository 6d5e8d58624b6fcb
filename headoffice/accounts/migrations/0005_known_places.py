"""Networks from which people have logged in, as keyed hashes."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_language'),
    ]

    operations = [
        migrations.CreateModel(
            name='KnownPlace',
            fields=[
                ('place', models.BinaryField(max_length=32, primary_key=True, serialize=False)),
                ('seen_ms', models.BigIntegerField(db_index=True)),
            ],
        ),
    ]
