"""Plants the chain of the tests into the data folder of a head office: plant_results.py FOLDER."""

import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent.parent / "scripts")]


def main(folder: str) -> None:
    """Needs a folder that a head office has been started in."""
    os.environ |= {
        "HYMIO_DATA": folder,
        "HYMIO_HOSTS": "testserver",
        "HYMIO_TIME_ZONE": "Europe/Helsinki",
        "DJANGO_SETTINGS_MODULE": "headoffice.settings",
    }
    import django

    django.setup()
    from results_data import plant

    from config.loader import shipped_document
    from headoffice.accounts.creation import create_user
    from headoffice.accounts.models import Role
    from headoffice.authoring import history
    from headoffice.fleet.models import Group

    plant()
    finland = Group.objects.get(name="Finland")
    create_user("manager", "puolukka-77x", role=Role.MANAGER, group=finland)
    analyst = create_user("analyst", "puolukka-77x", role=Role.ANALYST)
    history.begin(shipped_document("demonstration"), analyst)


if __name__ == "__main__":
    main(sys.argv[1])
