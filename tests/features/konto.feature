# language: de
Funktionalität: Konto
  Wer Geld bringt, bekommt es auch zurück.

  Grundlage:
    Gegeben sei ein Konto, Inhaberin "Jürgen Groß"
    Und eingezahlt 10

  Szenario: Auszahlung
    Wenn 4 abgehoben werden sollen
    Dann abgehoben 4
    Aber nicht geschlossen

  Regel: Gebühren

    Szenariogrundriss: Gebühr für <Betrag>
      Angenommen eingezahlt <Betrag>
      Wenn Gebühr berechnet wird
      Dann Gebühr <Gebühr>

      Beispiele:
        | Betrag | Gebühr |
        | 10     | 1      |
        | 1000   | 5      |
