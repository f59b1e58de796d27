Feature: contract

  Scenario: a negotiation begins with an appointment
    When customer 7: make appointment, customer 7, on "2026-12-01"
    Then mail 1: appointment made, customer 7, on "2026-12-01"
