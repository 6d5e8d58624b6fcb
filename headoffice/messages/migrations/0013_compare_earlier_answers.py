"""Answers of earlier versions may not fit their questionnaires: a job compares all that there are."""

from django.db import migrations

# Of months there are fewest rows, and every kiosk's versions.
BEGIN_ALL = """
INSERT INTO ingest_latecheck (kiosk, version, installation, seq, "over", unfit)
SELECT DISTINCT kiosk, version, 0, 0, false, 0 FROM results_monthly WHERE true
ON CONFLICT (kiosk, version) DO UPDATE SET installation = 0, seq = 0, "over" = false
"""


class Migration(migrations.Migration):
    dependencies = [("ingest", "0012_restamped"), ("results", "0005_months")]

    operations = [migrations.RunSQL(BEGIN_ALL, migrations.RunSQL.noop)]
