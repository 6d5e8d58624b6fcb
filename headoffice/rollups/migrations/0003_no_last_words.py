from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('results', '0002_days_and_times'),
    ]

    operations = [
        migrations.DeleteModel('LastWord'),
    ]
