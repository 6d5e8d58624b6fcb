"""Small words that say nothing by themselves, per language of the comments."""

_WORDS = {
    "en": """
        about after again all also always and any are because been before being but can could did
        does doing don't down each even ever every few for from get gets got had has have having
        her here hers him his how i'm i've into isn't it's its just like lot many may more most
        much must never not now off one only other our out over own really same she should some
        still such than that that's the their them then there these they thing things this those
        though through too under until upon very want was wasn't way well were what when where
        which while who why will with would yes you you're your yours been bit
        """,
    "fi": """
        aina ei eivät eli ennen että hän heidän heitä häntä ihan itse ja jo joka jos jossa jotka
        jotta juuri kaikki kanssa kautta kerran koko koska kuin kuitenkin kun kyllä lisää mikä
        mikään minä minun minua missä mitä mitään mutta myös nyt nämä näin näitä noin niin niitä
        oikein oli olin olisi olivat olla olen olemme ollut oma on ovat paljon pois saa se sekä
        sen siellä siitä sillä silti sinä sitä tai tämä tämän tässä tällä tätä vaan vaikka vain
        vielä voi aika ettei enää hyvin tosi todella olleet niiden
        """,
    "sv": """
        alla allt alltid aldrig andra att av bara blev bli blir därför den denna det detta dem den
        dig din dock där efter eller en ett från för före göra gör hade han har henne hennes här
        hos hur honom ibland inte ingen inget i jag kan kunde lite man med mer mest men mig min
        mitt mot mycket måste när någon något några nu och också om oss på redan sedan ska skulle
        som så sådan till trots under upp ut utan var vara varit vad vem verkligen vi vid vilken
        väldigt vår våra år är även än
        """,
    "de": """
        aber alle allem allen alles als also am an auch auf aus bei beim bin bis bisschen bitte da
        damit dann das dass dein dem den denn der des die dies diese diesem diesen dieser doch
        dort durch ein eine einem einen einer eines einfach er es etwas euch für gegen gibt habe
        haben hat hatte hatten hier hin ich ihm ihn ihnen ihr ihre ihrem ihren im immer in ist ja
        jede jeden jeder jetzt kann kein keine keinen konnte leider mal man mehr mein meine meinem
        mich mir mit muss nach nicht nichts noch nun nur ob oder ohne sehr sein seine seit sich
        sie sind so sollte sondern über um und uns unser unsere unter viel vom von vor war waren
        warum was weil wenn wer werden wie wieder wir wird wurde würde zu zum zur
        """,
    "it": """
        abbiamo agli alla alle allo altro anche ancora avere aveva bene che chi ci come con cosa
        così cui dal dalla dalle degli dei del della delle dello dentro deve di dopo dove due ed
        era erano essere fare fatto fra già gli hanno ho il in io la le lei li lo loro lui ma mai
        meno mia mie mio molto nei nel nella nelle nessuno niente noi non nostra nostro ogni oggi
        per perché più poco poi possono prima può qua quando quanto quella quelle quello questa
        queste questi questo qui sempre senza senza sia siamo solo sono sta stata stati stato sua
        sue sui sul sulla suo tra troppo tutti tutto una uno vi voi volta davvero
        """,
    "hu": """
        abban ahhoz ahogy aki akkor alatt amely ami amikor amit annak annyi arra attól az azok
        azon azonban azt aztán azért bár benne csak de egy egyik egész el elég én ennek erre és
        ez ezek ezen ezt ezért fel hanem hogy hogyan igen ilyen is itt jól kell kellett ki kicsit
        között le legyen lenne lett ma már más meg még mert mi mindig minden mint mit míg most na
        nagyon ne nekem nem nincs olyan ott ő ők őt pedig persze rá róla sem semmi soha sok és
        szerint talán te tehát tud utána újra vagy vagyok van vannak vele volna volt voltak után
        """,
    "pl": """
        aby albo ale ani bardzo bez bo być był była było były bym chce chyba ciągle co coś czy
        dla dlaczego dlatego do dobrze gdy gdzie go ich im inne ja jak jako jakoś je jednak jego
        jej jest jestem jeszcze jeśli już każdy kiedy kiedyś który która które którzy ktoś lub ma
        mam mi mnie mogę może można moje mój na nad nam nas nasze nawet nic nie nich nie nigdy nim
        niż o od on ona oni oraz po pod poza przed przez przy raz są się sobie są swoje ta tak
        taki tam te tego tej ten też to trochę tu tutaj tych tylko tym u w wam was we wiele więc
        wszystko z za zawsze ze znowu żeby że
        """,
}
STOP_WORDS = {language: frozenset(words.split()) for language, words in _WORDS.items()}
"""By language; a comment in another one is counted with all its words."""
