# language: de
Funktionalität: Vertrag

  Szenario: eine Zeile über ein neues Geschäft nimmt es auf
    Wenn Kunde Petra Moden: Stammdaten übernehmen: Petra Moden, Hauptstrasse 1, 60311, Frankfurt, Boutique
    Dann Kunde Petra Moden: Geschäft aufgenommen: Petra Moden, Hauptstrasse 1, 60311, Frankfurt, Boutique

  Szenario: ein Geschäft hat einen Namen
    Wenn Kunde Petra Moden: Stammdaten übernehmen: " ", Hauptstrasse 1, 60311, Frankfurt, Boutique
    Dann abgelehnt: Name fehlt

  Szenario: von einem unbekannten Geschäft wird nichts Weiteres übernommen
    Wenn Kunde Petra Moden: Rechnungsdaten übernehmen: PDF an rechnung@petra-moden.example
    Dann abgelehnt: Geschäft unbekannt

  Szenario: eine Ablehnung wird vermerkt, auch wenn das Geschäft erst mit dem nächsten Export kommt
    Wenn Kunde Petra Moden: Ablehnung von Vertrag 1 vermerken: zu wenig geplant
    Dann Kunde Petra Moden: Ablehnung von Vertrag 1 vermerkt: zu wenig geplant
    Wenn Kunde Petra Moden: Ablehnung von Vertrag 1 vermerken: zu wenig geplant
    Dann es geschieht nichts

  Szenario: eine Verhandlung beginnt mit einem Termin
    Wenn Vertrag 1: Termin mit Petra Moden am 1. Dezember 2026 vereinbaren
    Dann Vertrag 1: Termin mit Petra Moden am 1. Dezember 2026 vereinbart

  @open-question
  Szenario: Darf entschieden werden, bevor der Kundendienst sein Schreiben hat?

  @open-question
  Szenario: Dürfen Sonderkonditionen nach einer Ablehnung noch einmal beantragt werden?

  Szenario: ohne Termin kein Antrag
    Wenn Vertrag 1: Sonderkonditionen beantragen: 120 m² Verkaufsfläche, 80000 Euro geplanter Umsatz, Kundenbetreuer Alex
    Dann abgelehnt: kein Termin vereinbart

  Szenario: ohne Termin nichts aufzugeben
    Wenn Vertrag 1: Verhandlung aufgeben: endgültig geschlossen
    Dann abgelehnt: kein Termin vereinbart

  @open-question
  Szenario: Wie lange darf der Signaturdienst schweigen?

  Regel: das Geschäft ist bekannt

    Grundlage:
      Angenommen Kunde Petra Moden: Geschäft aufgenommen: Petra Moden, Hauptstrasse 1, 60311, Frankfurt, Boutique

    Szenario: eine Zeile mit neuen Angaben ändert das Geschäft
      Wenn Kunde Petra Moden: Stammdaten übernehmen: Petra Moden, Zeil 12, 60311, Frankfurt, Boutique
      Dann Kunde Petra Moden: Geschäft geändert: Stammdaten (Name "Petra Moden", Straße "Zeil 12", Postleitzahl "60311", Ort "Frankfurt", Art Boutique)

    Szenario: eine Zeile ohne neue Angaben ändert nichts
      Wenn Kunde Petra Moden: Stammdaten übernehmen: Petra Moden, Hauptstrasse 1, 60311, Frankfurt, Boutique
      Dann es geschieht nichts

    Szenario: wohin die Rechnungen gehen, ist eine Änderung des Geschäfts
      Wenn Kunde Petra Moden: Rechnungsdaten übernehmen: PDF an rechnung@petra-moden.example
      Dann Kunde Petra Moden: Geschäft geändert: Rechnungsdaten (E-Mail "rechnung@petra-moden.example", Format PDF)
      Wenn Kunde Petra Moden: Rechnungsdaten übernehmen: PDF an rechnung@petra-moden.example
      Dann es geschieht nichts

    Szenario: was der Vertrieb führt, ebenso
      Wenn Kunde Petra Moden: Vertriebsdaten übernehmen: 120 m² Verkaufsfläche, 90000 Euro Umsatz, Kundenbetreuer Alex
      Dann Kunde Petra Moden: Geschäft geändert: Vertriebsdaten (Kundenbetreuer "Alex", Verkaufsfläche 120, Umsatz 90000)
      Wenn Kunde Petra Moden: Vertriebsdaten übernehmen: 120 m² Verkaufsfläche, 90000 Euro Umsatz, Kundenbetreuer Alex
      Dann es geschieht nichts

    Szenario: Rechnungen gehen an eine E-Mail-Adresse
      Wenn Kunde Petra Moden: Rechnungsdaten übernehmen: PDF an petra
      Dann abgelehnt: keine E-Mail-Adresse: petra

  Regel: ein Termin ist vereinbart

    Grundlage:
      Angenommen Vertrag 1: Termin mit Petra Moden am 1. Dezember 2026 vereinbart

    Szenario: Sonderkonditionen werden beantragt, und der Kundendienst erhält sofort ein Schreiben
      Wenn Vertrag 1: Sonderkonditionen beantragen: 120 m² Verkaufsfläche, 80000 Euro geplanter Umsatz, Kundenbetreuer Alex
      Dann Vertrag 1: Sonderkonditionen beantragt: 120 m² Verkaufsfläche, 80000 Euro geplanter Umsatz, Kundenbetreuer Alex
      Und Post zu Vertrag 1: Schreiben versandt: Antrag

    Szenario: ein Termin lässt sich verschieben
      Wenn Vertrag 1: Termin mit Petra Moden am 3. Dezember 2026 vereinbaren
      Dann Vertrag 1: Termin auf den 3. Dezember 2026 verschoben

    Szenario: und noch einmal
      Wenn Vertrag 1: Termin mit Petra Moden am 3. Dezember 2026 vereinbaren
      Dann Vertrag 1: Termin auf den 3. Dezember 2026 verschoben
      Wenn Vertrag 1: Termin mit Petra Moden am 1. Dezember 2026 vereinbaren
      Dann Vertrag 1: Termin auf den 1. Dezember 2026 verschoben

    Szenario: wer verhandelt, darf aufgeben
      Wenn Vertrag 1: Verhandlung aufgeben: endgültig geschlossen
      Dann Vertrag 1: Verhandlung aufgegeben: endgültig geschlossen

    Szenario: ein Termin wird einmal vereinbart
      Wenn Vertrag 1: Termin mit Petra Moden am 1. Dezember 2026 vereinbaren
      Dann abgelehnt: Termin bereits vereinbart

    Szenario: ein Vertrag gehört einem Kunden
      Wenn Vertrag 1: Termin mit Karl Mode am 3. Dezember 2026 vereinbaren
      Dann abgelehnt: Termin bereits vereinbart

    Szenario: ein unvollständiger Antrag nennt jeden Fehler
      Wenn Vertrag 1: Sonderkonditionen beantragen: 20001 m² Verkaufsfläche, 0 Euro geplanter Umsatz, Kundenbetreuer ""
      Dann abgelehnt: ungültig: Kundenbetreuer fehlt, Verkaufsfläche zu groß (höchstens 20000) und geplanter Umsatz zu niedrig (mindestens 10000000)

    Szenario: eine größere Verkaufsfläche verlangt mehr Umsatz
      Wenn Vertrag 1: Sonderkonditionen beantragen: 120 m² Verkaufsfläche, 59999 Euro geplanter Umsatz, Kundenbetreuer Alex
      Dann abgelehnt: ungültig: geplanter Umsatz zu niedrig (mindestens 60000)

    Szenario: ohne Antrag keine Entscheidung
      Wenn Vertrag 1: Ruth genehmigt die Konditionen
      Dann abgelehnt: nichts beantragt

    Szenario: auch keine Ablehnung
      Wenn Vertrag 1: Ruth lehnt die Konditionen ab: zu wenig geplant
      Dann abgelehnt: nichts beantragt

  Regel: Sonderkonditionen sind beantragt

    Grundlage:
      Angenommen Vertrag 1: Termin mit Petra Moden am 1. Dezember 2026 vereinbart
      Und Vertrag 1: Sonderkonditionen beantragt: 120 m² Verkaufsfläche, 80000 Euro geplanter Umsatz, Kundenbetreuer Alex
      Und Post zu Vertrag 1: Schreiben versandt: Antrag

    Szenario: was genehmigt ist, geht an den Signaturdienst
      Wenn Vertrag 1: Ruth genehmigt die Konditionen
      Dann Vertrag 1: Ruth hat die Konditionen genehmigt
      Und Signatur von Vertrag 1: Unterschriften angefordert
      Und Vertrag 1: an den Signaturdienst übergeben

    Szenario: eine Ablehnung wird verschickt und beim Kunden vermerkt
      Wenn Vertrag 1: Ruth lehnt die Konditionen ab: zu wenig geplant
      Dann Vertrag 1: Ruth hat die Konditionen abgelehnt: zu wenig geplant
      Und Post zu Vertrag 1: Schreiben versandt: Ablehnung
      Und Kunde Petra Moden: Ablehnung von Vertrag 1 vermerkt: zu wenig geplant

    Szenario: ein Schreiben geht einmal hinaus
      Wenn Post zu Vertrag 1: Schreiben versenden: Antrag
      Dann es geschieht nichts

    Szenario: nach dem Antrag wird der Termin nicht mehr verschoben
      Wenn Vertrag 1: Termin mit Petra Moden am 3. Dezember 2026 vereinbaren
      Dann abgelehnt: Termin bereits vereinbart

    Szenario: Sonderkonditionen werden einmal beantragt
      Wenn Vertrag 1: Sonderkonditionen beantragen: 120 m² Verkaufsfläche, 80000 Euro geplanter Umsatz, Kundenbetreuer Alex
      Dann abgelehnt: bereits beantragt

    Szenario: eine Ablehnung hat eine Begründung und jemanden, der sie verantwortet
      Wenn Vertrag 1: " " lehnt die Konditionen ab: ""
      Dann abgelehnt: ungültig: Entscheider fehlt und Begründung fehlt

    Szenario: der Signaturdienst antwortet nur, wenn er beauftragt ist
      Wenn Signatur von Vertrag 1: der Signaturdienst antwortet: begonnen
      Dann abgelehnt: Signaturdienst nicht beauftragt

    Szenario: ohne Genehmigung keine Übergabe
      Wenn Vertrag 1: Übergabe bestätigen
      Dann abgelehnt: Konditionen nicht genehmigt

    Szenario: ohne Übergabe keine Unterzeichnung
      Wenn Vertrag 1: Beginn der Unterzeichnung bestätigen
      Dann abgelehnt: nicht an den Signaturdienst übergeben

  Regel: der Vertrag liegt beim Signaturdienst

    Grundlage:
      Angenommen Vertrag 1: Termin mit Petra Moden am 1. Dezember 2026 vereinbart
      Und Vertrag 1: Sonderkonditionen beantragt: 120 m² Verkaufsfläche, 80000 Euro geplanter Umsatz, Kundenbetreuer Alex
      Und Post zu Vertrag 1: Schreiben versandt: Antrag
      Und Vertrag 1: Ruth hat die Konditionen genehmigt
      Und Signatur von Vertrag 1: Unterschriften angefordert
      Und Vertrag 1: an den Signaturdienst übergeben

    Szenario: entschieden wird einmal
      Wenn Vertrag 1: Ruth lehnt die Konditionen ab: zu wenig geplant
      Dann abgelehnt: bereits entschieden
      Wenn Vertrag 1: Ruth genehmigt die Konditionen
      Dann abgelehnt: bereits entschieden

    Szenario: der Signaturdienst antwortet, und der Vertrag erfährt davon
      Wenn Signatur von Vertrag 1: der Signaturdienst antwortet: begonnen
      Dann Signatur von Vertrag 1: der Signaturdienst hat geantwortet: begonnen
      Und Vertrag 1: Unterzeichnung begonnen
      Wenn Signatur von Vertrag 1: der Signaturdienst antwortet: begonnen
      Dann es geschieht nichts
      Wenn Signatur von Vertrag 1: der Signaturdienst antwortet: von uns unterschrieben
      Dann Signatur von Vertrag 1: der Signaturdienst hat geantwortet: von uns unterschrieben
      Und Vertrag 1: von uns unterschrieben

    Szenario: eine Unterschrift zeigt, dass die Unterzeichnung begonnen hat
      Wenn Signatur von Vertrag 1: der Signaturdienst antwortet: vom Kunden unterschrieben
      Dann Signatur von Vertrag 1: der Signaturdienst hat geantwortet: vom Kunden unterschrieben
      Und Vertrag 1: Unterzeichnung begonnen
      Und Vertrag 1: vom Kunden unterschrieben

    Szenario: was der Signaturdienst nicht sagt, wird von Hand bestätigt
      Wenn Vertrag 1: Beginn der Unterzeichnung bestätigen
      Dann Vertrag 1: Unterzeichnung begonnen
      Wenn Vertrag 1: unsere Unterschrift bestätigen
      Dann Vertrag 1: von uns unterschrieben
      Wenn Vertrag 1: Unterschrift des Kunden bestätigen
      Dann Vertrag 1: vom Kunden unterschrieben
      Und Vertrag 1: Vertrag abgeschlossen
      Und Post zu Vertrag 1: Schreiben versandt: Abschluss

    Szenario: der Kunde darf zuerst unterschreiben
      Angenommen Signatur von Vertrag 1: der Signaturdienst hat geantwortet: begonnen
      Und Vertrag 1: Unterzeichnung begonnen
      Wenn Signatur von Vertrag 1: der Signaturdienst antwortet: vom Kunden unterschrieben
      Dann Signatur von Vertrag 1: der Signaturdienst hat geantwortet: vom Kunden unterschrieben
      Und Vertrag 1: vom Kunden unterschrieben
      Wenn Signatur von Vertrag 1: der Signaturdienst antwortet: von uns unterschrieben
      Dann Signatur von Vertrag 1: der Signaturdienst hat geantwortet: von uns unterschrieben
      Und Vertrag 1: von uns unterschrieben
      Und Vertrag 1: Vertrag abgeschlossen
      Und Post zu Vertrag 1: Schreiben versandt: Abschluss

    Szenario: der Signaturdienst wird einmal beauftragt
      Wenn Signatur von Vertrag 1: Unterschriften anfordern
      Dann es geschieht nichts

    Szenario: niemand unterschreibt vor Beginn der Unterzeichnung
      Wenn Vertrag 1: unsere Unterschrift bestätigen
      Dann abgelehnt: Unterzeichnung nicht begonnen

    Szenario: ein Signaturdienst, der nie antwortet, hält keinen Vertrag auf
      Wenn Vertrag 1: Verhandlung aufgeben: endgültig geschlossen
      Dann Vertrag 1: Verhandlung aufgegeben: endgültig geschlossen
      Wenn Signatur von Vertrag 1: der Signaturdienst antwortet: vom Kunden unterschrieben
      Dann Signatur von Vertrag 1: der Signaturdienst hat geantwortet: vom Kunden unterschrieben

  Regel: wir haben unterschrieben

    Grundlage:
      Angenommen Vertrag 1: Termin mit Petra Moden am 1. Dezember 2026 vereinbart
      Und Vertrag 1: Sonderkonditionen beantragt: 120 m² Verkaufsfläche, 80000 Euro geplanter Umsatz, Kundenbetreuer Alex
      Und Post zu Vertrag 1: Schreiben versandt: Antrag
      Und Vertrag 1: Ruth hat die Konditionen genehmigt
      Und Signatur von Vertrag 1: Unterschriften angefordert
      Und Vertrag 1: an den Signaturdienst übergeben
      Und Signatur von Vertrag 1: der Signaturdienst hat geantwortet: begonnen
      Und Vertrag 1: Unterzeichnung begonnen
      Und Signatur von Vertrag 1: der Signaturdienst hat geantwortet: von uns unterschrieben
      Und Vertrag 1: von uns unterschrieben

    Szenario: mit der zweiten Unterschrift ist der Vertrag abgeschlossen, und ein Schreiben sagt es
      Wenn Signatur von Vertrag 1: der Signaturdienst antwortet: vom Kunden unterschrieben
      Dann Signatur von Vertrag 1: der Signaturdienst hat geantwortet: vom Kunden unterschrieben
      Und Vertrag 1: vom Kunden unterschrieben
      Und Vertrag 1: Vertrag abgeschlossen
      Und Post zu Vertrag 1: Schreiben versandt: Abschluss

    Szenario: ohne beide Unterschriften kein Abschluss
      Wenn Vertrag 1: Vertrag abschließen
      Dann abgelehnt: Unterschrift fehlt

  Regel: der Vertrag ist abgeschlossen

    Grundlage:
      Angenommen Vertrag 1: Termin mit Petra Moden am 1. Dezember 2026 vereinbart
      Und Vertrag 1: Sonderkonditionen beantragt: 120 m² Verkaufsfläche, 80000 Euro geplanter Umsatz, Kundenbetreuer Alex
      Und Post zu Vertrag 1: Schreiben versandt: Antrag
      Und Vertrag 1: Ruth hat die Konditionen genehmigt
      Und Signatur von Vertrag 1: Unterschriften angefordert
      Und Vertrag 1: an den Signaturdienst übergeben
      Und Signatur von Vertrag 1: der Signaturdienst hat geantwortet: begonnen
      Und Vertrag 1: Unterzeichnung begonnen
      Und Signatur von Vertrag 1: der Signaturdienst hat geantwortet: von uns unterschrieben
      Und Vertrag 1: von uns unterschrieben
      Und Signatur von Vertrag 1: der Signaturdienst hat geantwortet: vom Kunden unterschrieben
      Und Vertrag 1: vom Kunden unterschrieben
      Und Vertrag 1: Vertrag abgeschlossen
      Und Post zu Vertrag 1: Schreiben versandt: Abschluss

    Szenario: eine zweite Bestätigung ändert nichts
      Wenn Vertrag 1: Übergabe bestätigen
      Und Vertrag 1: Beginn der Unterzeichnung bestätigen
      Und Vertrag 1: unsere Unterschrift bestätigen
      Und Vertrag 1: Unterschrift des Kunden bestätigen
      Und Vertrag 1: Vertrag abschließen
      Dann es geschieht nichts

    Szenario: ein abgeschlossener Vertrag wird nicht aufgegeben
      Wenn Vertrag 1: Verhandlung aufgeben: endgültig geschlossen
      Dann abgelehnt: Vertrag abgeschlossen

    Szenario: und nichts mehr entschieden
      Wenn Vertrag 1: Ruth genehmigt die Konditionen
      Dann abgelehnt: Vertrag abgeschlossen
      Wenn Vertrag 1: Ruth lehnt die Konditionen ab: zu wenig geplant
      Dann abgelehnt: Vertrag abgeschlossen
      Wenn Vertrag 1: Sonderkonditionen beantragen: 120 m² Verkaufsfläche, 80000 Euro geplanter Umsatz, Kundenbetreuer Alex
      Dann abgelehnt: Vertrag abgeschlossen

  Regel: die Konditionen sind abgelehnt

    Grundlage:
      Angenommen Vertrag 1: Termin mit Petra Moden am 1. Dezember 2026 vereinbart
      Und Vertrag 1: Sonderkonditionen beantragt: 120 m² Verkaufsfläche, 80000 Euro geplanter Umsatz, Kundenbetreuer Alex
      Und Post zu Vertrag 1: Schreiben versandt: Antrag
      Und Vertrag 1: Ruth hat die Konditionen abgelehnt: zu wenig geplant
      Und Post zu Vertrag 1: Schreiben versandt: Ablehnung
      Und Kunde Petra Moden: Ablehnung von Vertrag 1 vermerkt: zu wenig geplant

    Szenario: ein abgelehnter Vertrag geht nicht weiter
      Wenn Vertrag 1: Ruth genehmigt die Konditionen
      Dann abgelehnt: Konditionen abgelehnt
      Wenn Vertrag 1: Ruth lehnt die Konditionen ab: zu wenig geplant
      Dann abgelehnt: Konditionen abgelehnt
      Wenn Vertrag 1: Verhandlung aufgeben: endgültig geschlossen
      Dann abgelehnt: Konditionen abgelehnt

  Regel: die Verhandlung ist aufgegeben

    Grundlage:
      Angenommen Vertrag 1: Termin mit Petra Moden am 1. Dezember 2026 vereinbart
      Und Vertrag 1: Verhandlung aufgegeben: endgültig geschlossen

    Szenario: eine aufgegebene Verhandlung geht nicht weiter
      Wenn Vertrag 1: Sonderkonditionen beantragen: 120 m² Verkaufsfläche, 80000 Euro geplanter Umsatz, Kundenbetreuer Alex
      Dann abgelehnt: Verhandlung aufgegeben

    Szenario: über sie wird nicht entschieden, und sie wird nicht noch einmal aufgegeben
      Wenn Vertrag 1: Ruth genehmigt die Konditionen
      Dann abgelehnt: Verhandlung aufgegeben
      Wenn Vertrag 1: Ruth lehnt die Konditionen ab: zu wenig geplant
      Dann abgelehnt: Verhandlung aufgegeben
      Wenn Vertrag 1: Verhandlung aufgeben: endgültig geschlossen
      Dann abgelehnt: Verhandlung aufgegeben

  Regel: offene Aufgaben

    Szenario: zu einem Antrag gehört ein Schreiben, bis es versandt ist
      Angenommen Vertrag 1: Termin mit Petra Moden am 1. Dezember 2026 vereinbart
      Wenn Vertrag 1: Sonderkonditionen beantragt: 120 m² Verkaufsfläche, 80000 Euro geplanter Umsatz, Kundenbetreuer Alex
      Dann zu erledigen: Post zu Vertrag 1: Schreiben versenden: Antrag
      Wenn Post zu Vertrag 1: Schreiben versandt: Antrag
      Dann nichts ist zu erledigen

    Szenario: zu einer Ablehnung gehören ein Schreiben und ein Vermerk
      Angenommen Vertrag 1: Termin mit Petra Moden am 1. Dezember 2026 vereinbart
      Und Vertrag 1: Sonderkonditionen beantragt: 120 m² Verkaufsfläche, 80000 Euro geplanter Umsatz, Kundenbetreuer Alex
      Und Post zu Vertrag 1: Schreiben versandt: Antrag
      Wenn Vertrag 1: Ruth hat die Konditionen abgelehnt: zu wenig geplant
      Dann zu erledigen: Post zu Vertrag 1: Schreiben versenden: Ablehnung
      Und zu erledigen: Kunde Petra Moden: Ablehnung von Vertrag 1 vermerken: zu wenig geplant
      Wenn Post zu Vertrag 1: Schreiben versandt: Ablehnung
      Dann noch zu erledigen: Kunde Petra Moden: Ablehnung von Vertrag 1 vermerken: zu wenig geplant
      Wenn Kunde Petra Moden: Ablehnung von Vertrag 1 vermerkt: zu wenig geplant
      Dann nichts ist zu erledigen

    Szenario: was genehmigt ist, wird unterzeichnet
      Angenommen Vertrag 1: Termin mit Petra Moden am 1. Dezember 2026 vereinbart
      Und Vertrag 1: Sonderkonditionen beantragt: 120 m² Verkaufsfläche, 80000 Euro geplanter Umsatz, Kundenbetreuer Alex
      Und Post zu Vertrag 1: Schreiben versandt: Antrag
      Wenn Vertrag 1: Ruth hat die Konditionen genehmigt
      Dann zu erledigen: Signatur von Vertrag 1: Unterschriften anfordern
      Wenn Signatur von Vertrag 1: Unterschriften angefordert
      Dann zu erledigen: Vertrag 1: Übergabe bestätigen

    Szenario: eine Antwort zählt, sobald der Vertrag übergeben ist
      Angenommen Vertrag 1: Termin mit Petra Moden am 1. Dezember 2026 vereinbart
      Und Vertrag 1: Sonderkonditionen beantragt: 120 m² Verkaufsfläche, 80000 Euro geplanter Umsatz, Kundenbetreuer Alex
      Und Post zu Vertrag 1: Schreiben versandt: Antrag
      Und Vertrag 1: Ruth hat die Konditionen genehmigt
      Und Signatur von Vertrag 1: Unterschriften angefordert
      Wenn Signatur von Vertrag 1: der Signaturdienst hat geantwortet: von uns unterschrieben
      Dann nichts Weiteres ist zu erledigen
      Wenn Vertrag 1: an den Signaturdienst übergeben
      Dann zu erledigen: Vertrag 1: Beginn der Unterzeichnung bestätigen
      Wenn Vertrag 1: Unterzeichnung begonnen
      Dann zu erledigen: Vertrag 1: unsere Unterschrift bestätigen
      Wenn Vertrag 1: von uns unterschrieben
      Dann nichts Weiteres ist zu erledigen

    Szenario: mit beiden Unterschriften wird der Vertrag abgeschlossen
      Angenommen Vertrag 1: Termin mit Petra Moden am 1. Dezember 2026 vereinbart
      Und Vertrag 1: Sonderkonditionen beantragt: 120 m² Verkaufsfläche, 80000 Euro geplanter Umsatz, Kundenbetreuer Alex
      Und Post zu Vertrag 1: Schreiben versandt: Antrag
      Und Vertrag 1: Ruth hat die Konditionen genehmigt
      Und Signatur von Vertrag 1: Unterschriften angefordert
      Und Vertrag 1: an den Signaturdienst übergeben
      Und Vertrag 1: Unterzeichnung begonnen
      Und Vertrag 1: von uns unterschrieben
      Und Signatur von Vertrag 1: der Signaturdienst hat geantwortet: vom Kunden unterschrieben
      Wenn Vertrag 1: vom Kunden unterschrieben
      Dann zu erledigen: Vertrag 1: Vertrag abschließen
      Wenn Vertrag 1: Vertrag abgeschlossen
      Dann zu erledigen: Post zu Vertrag 1: Schreiben versenden: Abschluss

    Szenario: ein aufgegebener Vertrag wird nicht mehr unterzeichnet
      Angenommen Vertrag 1: Termin mit Petra Moden am 1. Dezember 2026 vereinbart
      Und Vertrag 1: Sonderkonditionen beantragt: 120 m² Verkaufsfläche, 80000 Euro geplanter Umsatz, Kundenbetreuer Alex
      Und Post zu Vertrag 1: Schreiben versandt: Antrag
      Und Vertrag 1: Ruth hat die Konditionen genehmigt
      Und Signatur von Vertrag 1: Unterschriften angefordert
      Und Vertrag 1: an den Signaturdienst übergeben
      Und Signatur von Vertrag 1: der Signaturdienst hat geantwortet: begonnen
      Wenn Vertrag 1: Verhandlung aufgegeben: endgültig geschlossen
      Dann nichts ist zu erledigen

    Szenario: die Reihenfolge der Nachrichten ändert nichts
      Angenommen Post zu Vertrag 1: Schreiben versandt: Antrag
      Und Vertrag 1: Ruth hat die Konditionen abgelehnt: zu wenig geplant
      Und Vertrag 1: Sonderkonditionen beantragt: 120 m² Verkaufsfläche, 80000 Euro geplanter Umsatz, Kundenbetreuer Alex
      Wenn Vertrag 1: Termin mit Petra Moden am 1. Dezember 2026 vereinbart
      Dann noch zu erledigen: Post zu Vertrag 1: Schreiben versenden: Ablehnung
      Und noch zu erledigen: Kunde Petra Moden: Ablehnung von Vertrag 1 vermerken: zu wenig geplant

    Szenario: was erledigt ist, bleibt erledigt, auch wenn es noch einmal gemeldet wird
      Angenommen Vertrag 1: Termin mit Petra Moden am 1. Dezember 2026 vereinbart
      Und Vertrag 1: Sonderkonditionen beantragt: 120 m² Verkaufsfläche, 80000 Euro geplanter Umsatz, Kundenbetreuer Alex
      Und Post zu Vertrag 1: Schreiben versandt: Antrag
      Und Vertrag 1: Ruth hat die Konditionen abgelehnt: zu wenig geplant
      Und Post zu Vertrag 1: Schreiben versandt: Ablehnung
      Und Kunde Petra Moden: Ablehnung von Vertrag 1 vermerkt: zu wenig geplant
      Wenn Vertrag 1: Ruth hat die Konditionen abgelehnt: zu wenig geplant
      Dann nichts ist zu erledigen

    Szenario: der Export verlangt nichts
      Wenn Kunde Petra Moden: Geschäft aufgenommen: Petra Moden, Hauptstrasse 1, 60311, Frankfurt, Boutique
      Dann nichts Weiteres ist zu erledigen

  Regel: Suche

    Szenario: ein Geschäft wird an Teilen seiner Angaben gefunden, groß oder klein geschrieben
      Angenommen Kunde Petra Moden: Geschäft aufgenommen: Petra Moden, Hauptstrasse 1, 60311, Frankfurt, Boutique
      Und Kunde Karl Mode: Geschäft aufgenommen: Karl Mode, Hauptstrasse 1, 60311, Bremen, Boutique
      Und Kunde Petra Moden: Geschäft geändert: Rechnungsdaten (E-Mail "rechnung@petra-moden.example", Format PDF)
      Dann die Suche nach "petra" findet Petra Moden
      Und die Suche nach "MODE brem" findet Karl Mode
      Und die Suche nach "rechnung@" findet Petra Moden
      Und die Suche nach "petra brem" findet niemanden
      Und auch wenn Ereignisse doppelt eintreffen

    Szenario: das Neue wird gefunden, das Ersetzte nicht
      Angenommen Kunde Petra Moden: Geschäft aufgenommen: Petra Moden, Hauptstrasse 1, 60311, Frankfurt, Boutique
      Und Kunde Petra Moden: Geschäft geändert: Stammdaten (Name "Petra Moden", Straße "Zeil 12", Postleitzahl "60311", Ort "Frankfurt", Art Boutique)
      Dann die Suche nach "zeil" findet Petra Moden
      Und die Suche nach "hauptstrasse" findet niemanden

    Szenario: ein Geschäft wird am Stand seines Vertrags gefunden
      Angenommen Kunde Petra Moden: Geschäft aufgenommen: Petra Moden, Hauptstrasse 1, 60311, Frankfurt, Boutique
      Und Vertrag 1: Termin mit Petra Moden am 1. Dezember 2026 vereinbart
      Und Vertrag 1: Sonderkonditionen beantragt: 120 m² Verkaufsfläche, 80000 Euro geplanter Umsatz, Kundenbetreuer Alex
      Dann unter beantragten Verträgen wird Petra Moden gefunden
      Und unter terminierten Verträgen wird niemand gefunden

    Szenario: ein Geschäft, von dem nur ein Vertrag bekannt ist, wird nicht gefunden
      Angenommen Vertrag 1: Termin mit Petra Moden am 1. Dezember 2026 vereinbart
      Dann die Suche nach "" findet niemanden
