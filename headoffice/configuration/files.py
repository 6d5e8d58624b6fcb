"""Pictures and fonts that travel with settings."""

import hashlib
import re
from pathlib import PurePath
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from headoffice.accounts.models import User
from headoffice.configuration.models import StoredFile
from headoffice.errors import HeadOfficeError
from sync.configuration import MAX_FILE_BYTES

PICTURE, FONT = "picture", "font"
_KINDS = {
    **dict.fromkeys(("png", "jpg", "jpeg", "svg"), PICTURE),
    **dict.fromkeys(("ttf", "otf", "ttc"), FONT),
}


def store_file(file: "UploadedFile[Any]", author: User | None) -> StoredFile:
    """Keep a picture or a font, once, under a name of its own; HeadOfficeError for others.

    Whether a kiosk can draw it is checked when a setting names it.
    """
    path = PurePath(file.name or "")
    kind = _KINDS.get(path.suffix.lower().removeprefix("."))
    if kind is None:
        raise HeadOfficeError(_("Only PNG, JPEG and SVG pictures and TTF, OTF and TTC fonts."))
    if not file.size or file.size > MAX_FILE_BYTES:
        limit = MAX_FILE_BYTES // 1_000_000
        raise HeadOfficeError(_("A file may have at most %(n)d MB.") % {"n": limit})
    content = file.read()
    digest = hashlib.sha256(content).hexdigest()
    stem = re.sub("[^A-Za-z0-9_-]+", "-", path.stem)[:40].strip("-") or kind
    return StoredFile.objects.get_or_create(
        digest=digest,
        defaults={
            "name": f"{stem}-{digest[:8]}{path.suffix.lower()}",
            "kind": kind,
            "size": len(content),
            "content": content,
            "author": author,
        },
    )[0]
