"""Forms about a questionnaire as a whole."""

import re
from typing import Any

from django import forms
from django.conf.locale import LANG_INFO
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from headoffice.results.texts import language

KIOSK_LANGUAGES = ("en", "fi", "sv", "de", "it", "hu", "pl")
"""Those in which kiosks have every word of their own."""
MOST_LANGUAGES = 20
_TAG = re.compile(r"([a-z]{2,3})(-[A-Za-z]{2})?")


def language_choices(leave_out: frozenset[str] = frozenset()) -> list[tuple[str, str]]:
    """Languages by their own names: those that kiosks speak first."""
    tags = (_tag(code) for code, about in LANG_INFO.items() if "name_local" in about)
    others = sorted({tag for tag in tags if tag} - set(KIOSK_LANGUAGES), key=language)
    return [(tag, language(tag)) for tag in (*KIOSK_LANGUAGES, *others) if tag not in leave_out]


def _tag(code: str) -> str:
    """As a questionnaire names the language; empty if it has no such name."""
    found = _TAG.fullmatch(code)
    return f"{found[1]}{(found[2] or '').upper()}" if found else ""


class TitleForm(forms.Form):
    """What people at the head office call a questionnaire."""

    title = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=300,
        help_text=gettext_lazy("For you and your colleagues: shoppers don't see it."),
    )


class NewForm(TitleForm):
    """What a new questionnaire begins with."""

    template = forms.ChoiceField(
        label=gettext_lazy("Begin with"), widget=forms.RadioSelect, required=True
    )
    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Languages"), widget=forms.CheckboxSelectMultiple
    )
    field_order = ("template", "title", "languages")

    def __init__(self, *args: Any, templates: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["template"].choices = templates  # type: ignore[attr-defined]
        self.fields["languages"].choices = language_choices()[: len(KIOSK_LANGUAGES)]  # type: ignore[attr-defined]


class FileForm(forms.Form):
    """A questionnaire in a file."""

    file = forms.FileField(label=gettext_lazy("File"))

    def clean_file(self) -> Any:
        """Not more than a questionnaire can have."""
        file = self.cleaned_data["file"]
        if file.size > 900_000:
            raise ValidationError(_("A file has at most %(n)d kB.") % {"n": 900})
        return file
