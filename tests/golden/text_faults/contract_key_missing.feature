Feature: contract

  Scenario: a negotiation begins with an appointment
    When contract: make appointment, customer 7, on "2026-12-01"
    Then appointment made, customer 7, on "2026-12-01"
