"""The letters of the on-screen keyboard, row by row, for each language that has keys of its own."""

Rows = tuple[str, str, str]

_QWERTY = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_QWERTZ = ("qwertzuiop", "asdfghjkl", "yxcvbnm")
_AZERTY = ("azertyuiop", "qsdfghjklm", "wxcvbn")
_LAYOUTS: dict[str, tuple[Rows, Rows]] = {
    # The letters that a family shares, and at the right of each row those of the language. No row
    # of the first has more than 10, or 7 beside the keys of the third; all of the second together
    # are a row of at most 10 where the panel is narrow.
    "en": (_QWERTY, ("", "", "")),
    "cs": (_QWERTZ, ("ěú", "šů", "čřžý")),
    "da": (_QWERTY, ("å", "æø", "")),
    "de": (_QWERTZ, ("ü", "öä", "ß")),
    "es": (_QWERTY, ("ú", "ñá", "éíóü")),
    "et": (_QWERTY, ("ü", "õöä", "šž")),
    "fi": (_QWERTY, ("å", "öä", "")),
    "fr": (_AZERTY, ("éè", "àù", "çêôî")),
    "hr": (_QWERTZ, ("šđ", "čć", "ž")),
    "hu": (_QWERTZ, ("őú", "éáű", "íöüó")),
    "is": (_QWERTY, ("ð", "æö", "þáéíú")),
    "it": (_QWERTY, ("è", "òà", "ùìé")),
    "lt": (_QWERTY, ("ąč", "ęėį", "šųūž")),
    "lv": (_QWERTY, ("āč", "ēģī", "ķļšūž")),
    "nb": (_QWERTY, ("å", "øæ", "")),
    "nl": (_QWERTY, ("", "", "éëï")),
    "pl": (_QWERTY, ("ęó", "ąśł", "żźćń")),
    "pt": (_QWERTY, ("ãõ", "çáé", "íóúâê")),
    "ro": (_QWERTY, ("ăâ", "îș", "ț")),
    "sk": (_QWERTZ, ("ľú", "ščť", "žýáíé")),
    "sl": (_QWERTZ, ("š", "č", "ž")),
    "sv": (_QWERTY, ("å", "öä", "")),
    "tr": (_QWERTY, ("ğü", "şı", "öç")),
    # Without the marks of the tones, as Vietnamese is often written in haste.
    "vi": (_QWERTY, ("ăâ", "êôđ", "ơư")),
    "be": (("йцукенгшўз", "фывапролдж", "ячсміть"), ("х’", "эё", "бю")),
    "bg": (("явертъуиоп", "асдфгхйкл", "зьцжбнм"), ("шщ", "юч", "")),
    "mk": (("љњертѕуиоп", "асдфгхјкл", "зџцвбнм"), ("шѓ", "чќж", "")),
    "ru": (("йцукенгшщз", "фывапролдж", "ячсмить"), ("хъ", "эё", "бю")),
    "sr": (("љњертзуиоп", "асдфгхјкл", "џцвбнм"), ("шђ", "чћж", "")),
    "uk": (("йцукенгшщз", "фівапролдж", "ячсмить"), ("хї", "єґ", "бю’")),
    "el": (("ςερτυθιοπ", "ασδφγηξκλ", "ζχψωβνμ"), ("άέ", "ήίό", "ύώ")),
    "he": (("קראטוןםפ", "שדגכעיחלךף", "זסבהנמצ"), ("", "", "תץ")),
    "ar": (("ضصثقفغعهخح", "شسيبلاتنمك", "ئءؤرىةو"), ("جدآ", "طذأ", "زظإ")),
    "fa": (("ضصثقفغعهخح", "شسیبلاتنمک", "ظطزرذدپ"), ("جچ", "گآ", "وژئ")),
}
_LIKE = {"bs": "hr", "iw": "he", "kk": "ru", "ky": "ru", "nn": "nb", "no": "nb"}


def letters_of(language: str) -> tuple[Rows, Rows]:
    """The rows that a language shares with its family, and what it has beside them.

    Languages without keys of their own have those of English.
    """
    code = language.partition("-")[0]
    return _LAYOUTS.get(_LIKE.get(code, code), _LAYOUTS["en"])
