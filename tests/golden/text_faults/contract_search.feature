Feature: contract

  Rule: search

    Scenario: a shop is found
      Given customer 7: shop added, name "Petra Moden", street "Hauptstrasse 1", postcode "60311", city "Frankfurt", segment boutique
      Then a search for "petra" finds customer Petra
      And a search for petra find customer 7

  Rule: serch

    Scenario: nobody is found
      Given contract 1: appointment made, customer 7, on "2026-12-01"
      Then a search for "petra" finds nobody
