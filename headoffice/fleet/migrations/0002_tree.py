"""The tree above the places, and what is known of a place."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('fleet', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Group',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('parent', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='fleet.group')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('parent', 'name'), name='group_name_under_parent'),
                    models.UniqueConstraint(condition=models.Q(('parent', None)), fields=('name',), name='group_name_at_the_top'),
                ],
            },
        ),
        migrations.AddField('experiencepoint', 'group', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='points', to='fleet.group')),
        migrations.AddField('experiencepoint', 'opening_hours', models.JSONField(default=dict, verbose_name='opening hours')),
        migrations.AddField('experiencepoint', 'tags', models.JSONField(default=list, verbose_name='tags')),
        migrations.AddField('experiencepoint', 'custom', models.JSONField(default=dict, verbose_name='custom fields')),
        migrations.AlterField('experiencepoint', 'name', models.CharField(max_length=120, verbose_name='place')),
    ]
