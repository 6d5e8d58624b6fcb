"""What people write that tells how to reach them, and what only looks a little like it."""

PERSONAL = (
    "call 040 123 4567",
    "call 040  123  4567",
    "call 040 - 123 - 4567",
    "call 040\N{EN DASH}123\N{EN DASH}4567",
    "call 040\N{NON-BREAKING HYPHEN}123\N{NON-BREAKING HYPHEN}4567",
    "call 040, 123, 4567",
    "call 040_123_4567",
    "call 040*123*4567",
    "call +358 (0)40 123 4567",
    "call (09) 612 345",
    "call (040) 123 456",
    "call tel0401234567",
    "call \u0660\u0664\u0660 \u0661\u0662\u0663 \u0664\u0665\u0666\u0667",
    "call \uff10\uff14\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17",
    "mail anna.k@firma.example",
    "mail anna.k\N{FULLWIDTH COMMERCIAL AT}firma.example",
    "mail anna.k @ firma.example",
    "mail anna.k (at) firma.example",
    "mail anna.k[AT]firma.example",
)
HARMLESS = (
    "waited 10 minutes, then 20 more",
    "open 10:00-20:00 they said",
    "price 12,90 instead of 9,90",
    "12.11. at 17:30",
    "look @ the queue",
    "5 of 5",
)
