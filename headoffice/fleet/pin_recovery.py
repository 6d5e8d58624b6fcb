"""The answer to a kiosk whose staff have forgotten their PIN: see config/pin_recovery.py."""

from config.pin_recovery import LENGTH, grouped, plain_letters, recovery_answer
from headoffice.errors import HeadOfficeError
from headoffice.fleet.models import Credential, Kiosk


def answer_challenge(kiosk: Kiosk, challenge: str) -> str:
    """What staff are to type; HeadOfficeError if that can't be told."""
    letters = plain_letters(challenge)
    if len(letters) != LENGTH:
        raise HeadOfficeError(f"the kiosk shows {LENGTH} letters and digits, like KLMQ-7342")
    used = Credential.objects.filter(kiosk=kiosk, unused=False)
    credential = used.order_by("-created_at").first()
    if credential is None or kiosk.revoked_at is not None:
        raise HeadOfficeError(f"kiosk {kiosk.pk} is not let in here, and can't be answered")
    return grouped(recovery_answer(bytes(credential.hash), letters))
