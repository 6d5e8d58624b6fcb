"""The view of answers tells their ids: views are made anew after every migration."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("export", "0002_noted")]

    operations = []
