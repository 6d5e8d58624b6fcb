"""How texts of any script are drawn: which font has their letters, and where they run to."""
