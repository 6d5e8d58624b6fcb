"""What is stored of every delivery.

Every table's key begins with the kiosk, by which the tables can be spread over machines. The
message table refers to others by plain numbers: a foreign key would be checked for every row.
"""

from django.db import models

from headoffice.fleet.models import Kiosk

_WRITTEN = models.Q(kind=1, counts=True) & (
    models.Q(value__startswith='"') | models.Q(value__contains='"other":')
)
CONSENT_PREFIX = '{"type":"contact","consent":true'
"""How the value of contact details begins that were left with consent."""
_REACHABLE = models.Q(kind=1, counts=True, value__startswith=CONSENT_PREFIX)


UNFIT = "unfit"
"""Among the reasons of misuse: it does not fit its questionnaire, and counts nowhere."""
UNSENT = "unsent"
"""Likewise: it was chosen on the kiosk and never handed over. No misuse, but no answer either."""


class Installation(models.Model):
    """One run of sequence numbers of a kiosk, from 1 on."""

    kiosk = models.ForeignKey(Kiosk, models.CASCADE, related_name="installations")
    uuid = models.UUIDField()
    stored_up_to = models.BigIntegerField(default=0)
    highest = models.BigIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["kiosk", "uuid"], name="installation_of_kiosk"),
        )

    def __str__(self) -> str:
        return str(self.uuid)


class StoredMessage(models.Model):
    """A message, as the kiosk numbered it.

    What the kiosk said never changes, but that contact details are erased on request (contacts.py).
    What is made of it may: time, place, misuse, whether it counts (ingest/correction.py).
    """

    class Kind(models.IntegerChoices):
        ANSWER = 1
        SKIP = 2
        END = 3

    pk = models.CompositePrimaryKey("kiosk", "installation", "seq")
    kiosk = models.BigIntegerField()
    installation = models.BigIntegerField()
    seq = models.BigIntegerField()
    fingerprint = models.BinaryField(max_length=16)
    kind = models.SmallIntegerField(choices=Kind.choices)
    response = models.UUIDField()
    version = models.BigIntegerField()
    point = models.BigIntegerField()
    question = models.CharField(max_length=40)
    value = models.TextField()
    """JSON of the value of an answer; the outcome of an end; empty for a skip."""
    language = models.CharField(max_length=8)
    test = models.BooleanField()
    misuse = models.CharField(max_length=100)
    """The reasons that hold now, sorted, with commas between; empty for none."""
    reported_misuse = models.CharField(max_length=100, null=True)  # noqa: DJ001 - see below
    """What the kiosk called it, once the head office decided otherwise; None: ``misuse``."""
    took_ms = models.BigIntegerField()
    wall_ms = models.BigIntegerField()
    boot = models.UUIDField()
    mono_ms = models.BigIntegerField()
    happened_ms = models.BigIntegerField()
    """Unix time by the head office's clock, as well as it can be known."""
    certain = models.BooleanField()
    """Whether happened_ms rests on the head office's clock; else it is the kiosk's word."""
    received_ms = models.BigIntegerField()
    counts = models.BooleanField()
    """Whether it is the last word on its question of its response."""

    class Meta:
        indexes = (
            models.Index(fields=["kiosk", "happened_ms"], name="message_kiosk_time"),
            models.Index(fields=["kiosk", "response"], name="message_kiosk_response"),
            # In the order of receipt for those who follow: it only ever grows at its end.
            models.Index(fields=["received_ms"], name="message_received"),
            # Those that may be timed anew: few, and asked for with every delivery.
            models.Index(
                fields=["kiosk", "boot"],
                name="message_uncertain_boot",
                condition=models.Q(certain=False),
            ),
            # What people wrote: one in many, and read newest first, of a few places or of all.
            models.Index(
                fields=["point", "happened_ms"], name="message_written", condition=_WRITTEN
            ),
            models.Index(fields=["happened_ms"], name="message_written_newest", condition=_WRITTEN),
            # Who left contact details: fewer still.
            models.Index(fields=["happened_ms"], name="message_reachable", condition=_REACHABLE),
        )

    def __str__(self) -> str:
        return f"{self.kiosk}/{self.installation}/{self.seq}"


class ContactKey(models.Model):
    """What the contact details of one day are sealed to."""

    day = models.DateField(null=True, db_index=True)
    """The day in UTC on which they came; none: what kiosks seal theirs to until they deliver."""
    public = models.BinaryField(max_length=32)
    locked = models.BinaryField(max_length=72)
    """The half that opens them, locked with the secret key of the data folder."""
    lived_ms = models.BigIntegerField(null=True)
    """How much time was known to have passed when it was first looked at, within the hour."""

    def __str__(self) -> str:
        return str(self.day or "kiosks")


class Unstored(models.Model):
    """A number that is accounted for without a row of its own."""

    class Reason(models.TextChoices):
        INVALID = "invalid"
        DUPLICATE = "duplicate"
        WITHHELD = "withheld"

    pk = models.CompositePrimaryKey("kiosk", "installation", "seq")
    kiosk = models.BigIntegerField()
    installation = models.BigIntegerField()
    seq = models.BigIntegerField()
    reason = models.CharField(max_length=10, choices=Reason.choices)
    detail = models.CharField(max_length=500)
    received_ms = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.kiosk}/{self.installation}/{self.seq} {self.reason}"


class LateCheck(models.Model):
    """How far a kiosk's answers were compared with a definition that arrived after them."""

    pk = models.CompositePrimaryKey("kiosk", "version")
    kiosk = models.BigIntegerField()
    version = models.BigIntegerField()
    installation = models.BigIntegerField()
    """With ``seq`` the last message that need not be looked at any more."""
    seq = models.BigIntegerField()
    over = models.BooleanField(default=False)
    unfit = models.BigIntegerField(default=0)
    """How many were found not to fit."""

    def __str__(self) -> str:
        return f"{self.kiosk}/{self.version}"


class Renumbered(models.Model):
    """Where a message stood before its kiosk began a new installation.

    Keyed by content: two cards with one identity may have numbered different messages alike.
    """

    pk = models.CompositePrimaryKey("kiosk", "fingerprint")
    kiosk = models.BigIntegerField()
    fingerprint = models.BinaryField(max_length=16)
    origin = models.UUIDField()
    origin_seq = models.BigIntegerField()

    class Meta:
        indexes = (
            models.Index(fields=["kiosk", "origin", "origin_seq"], name="renumbered_origin"),
        )

    def __str__(self) -> str:
        return f"{self.kiosk}/{self.origin}/{self.origin_seq}"


class BootBounds(models.Model):
    """What is known of the clock of a boot whose messages' times are not certain.

    The message at ``mono_ms`` of that boot was made between ``earliest_ms + mono_ms`` and
    ``latest_ms + mono_ms``.
    """

    pk = models.CompositePrimaryKey("kiosk", "boot")
    kiosk = models.BigIntegerField()
    boot = models.UUIDField()
    earliest_ms = models.BigIntegerField()
    latest_ms = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.kiosk}/{self.boot}"


class Restamped(models.Model):
    """Messages whose time of receipt was wrong, and is that of its repair.

    So they stand out of the order of numbers, as they should.
    """

    pk = models.CompositePrimaryKey("kiosk", "installation", "first")
    kiosk = models.BigIntegerField()
    installation = models.BigIntegerField()
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    at_ms = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.kiosk}/{self.installation}/{self.first}-{self.last}"


class Gap(models.Model):
    """Numbers that the kiosk no longer holds and that never arrived."""

    pk = models.CompositePrimaryKey("kiosk", "installation", "first")
    kiosk = models.BigIntegerField()
    installation = models.BigIntegerField()
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    noticed_ms = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.kiosk}/{self.installation}/{self.first}-{self.last}"
