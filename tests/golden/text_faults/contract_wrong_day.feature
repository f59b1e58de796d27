Feature: contract

  Scenario: a negotiation begins with an appointment
    When contract 1: make appointment, customer 7, on "2026-13-01"
    Then contract 1: appointment made, customer 7, on 2026-12-01
