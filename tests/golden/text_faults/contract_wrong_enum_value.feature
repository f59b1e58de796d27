Feature: contract

  Scenario: a row about a new shop adds it
    When customer 7: import basic customer data, name "Petra Moden", street "Hauptstrasse 1", postcode "60311", city "Frankfurt", segment butique
    Then customer 7: shop added, name "Petra Moden", street "Hauptstrasse 1", postcode 60311, city "Frankfurt", segment "boutique"
