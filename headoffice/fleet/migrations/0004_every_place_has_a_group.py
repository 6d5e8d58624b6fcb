import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('fleet', '0003_places_in_a_group'),
    ]

    operations = [
        migrations.AlterField('experiencepoint', 'group', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='points', to='fleet.group')),
        migrations.AddConstraint('experiencepoint', models.UniqueConstraint(fields=('group', 'name'), name='point_name_in_group')),
    ]
