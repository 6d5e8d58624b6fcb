"""Which language somebody reads the pages in."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_first_administrators'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='language',
            field=models.CharField(blank=True, default='', max_length=8, verbose_name='language'),
            preserve_default=False,
        ),
    ]
