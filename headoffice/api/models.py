"""What programs prove themselves with."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from headoffice import clock
from headoffice.accounts.models import Role, User


class Scope(models.TextChoices):
    """What a token opens."""

    PLACES = "places", _("Locations, kiosks and questionnaires")
    ANSWERS = "answers", _("Raw answers and responses, with what people wrote")
    RESULTS = "results", _("Results: figures and counts")
    LIVE = "live", _("Live events")
    METRICS = "metrics", _("Metrics for monitoring")


class TokenRefusal(models.TextChoices):
    """Why a token opens nothing any more."""

    REVOKED = "revoked", _("Revoked")
    EXPIRED = "expired", _("Expired")
    MAKER_GONE = "maker_gone", _("Inactive with its creator")


class Token(models.Model):
    """Lets a program read; only its hash is known here."""

    name = models.CharField(_("name"), max_length=80)
    hash = models.BinaryField(unique=True, max_length=32)
    scopes = models.CharField(max_length=200)
    """Names of scopes, with spaces between."""
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="tokens")
    maker_role = models.CharField(max_length=20, default=Role.ADMINISTRATOR)
    """The role of who made it, then: it opens nothing once they have another one."""
    created_at = models.DateTimeField(default=clock.now)
    last_used_at = models.DateTimeField(null=True)
    """To the minute, so that reading does not become writing."""
    expires_at = models.DateTimeField(null=True)
    """None: never."""
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name

    def allows(self, scope: str) -> bool:
        """Whether it opens this."""
        return scope in self.scopes.split()

    @property
    def refusal(self) -> TokenRefusal | None:
        """Why it opens nothing any more; None if it does."""
        if self.revoked_at is not None:
            return TokenRefusal.REVOKED
        if self.expires_at is not None and self.expires_at <= clock.now():
            return TokenRefusal.EXPIRED
        maker = self.created_by
        roles = (self.maker_role, Role.ADMINISTRATOR)
        if maker is None or not maker.is_active or maker.role not in roles:
            return TokenRefusal.MAKER_GONE
        return None

    @property
    def scope_names(self) -> list[str]:
        """What it opens, in words."""
        return [str(Scope(scope).label) for scope in self.scopes.split()]
