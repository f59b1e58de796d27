# language: de
Funktionalität: Vertrag

  Szenario: eine Verhandlung beginnt mit einem Termin
    Wenn Vertag 1: Termin mit Petra Moden am 1. Dezember 2026 vereinbaren
    Dann Vertrag 1: Termin mit Petra Modern am 1. Dezember 2026 vereinbart

  Szenario: ein Termin lässt sich verschieben
    Angenommen Vertrag 1: Termin mit Petra Moden am 1. Dezember 2026 vereinbart
    When Vertrag 1: Termin mit Petra Moden am 3. Dezember 2026 vereinbaren
    Dann Vertrag 1: Termin auf den 3. Dezember 2026 verschoben

  Szenario: ohne Termin kein Antrag
    Wenn Vertrag 1: Sonderkonditionen beantragen: 120 m² Verkaufsfläche, 80.000 Euro geplanter Umsatz, Kundenbetreuer Alex
    Dann abgelent: kein Termin vereinbart
