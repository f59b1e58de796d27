Feature: contract

  Rule: what is owed

    Scenario: a request is owed a mail until it is sent
      Given contract 1: appointment made, customer 7, on "2026-12-01"
      When contract 1: special conditions requested, account manager "Alex", sales area 120, planned sales 80000
      Then mail 1: send mail, letter request
