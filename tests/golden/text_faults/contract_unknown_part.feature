Feature: contract

  Scenario: a negotiation begins with an appointment
    When contrat 1: make appointment, customer 7, on "2026-12-01"
    Then contract 1: appointment made, customer 7, on "2026-12-01"
