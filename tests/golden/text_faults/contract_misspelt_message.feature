Feature: contract

  Scenario: a negotiation begins with an appointment
    When contract 1: make apointment, customer 7, on "2026-12-01"
    Then contract 1: appointment mad, customer 7, on "2026-12-01"
