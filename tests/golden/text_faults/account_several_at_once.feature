Feature: account

  Scenario: money can be taken out
    Given acount opened, owner "Petra"
    And deposited "10"
    When withdraw
    Then withdrawn 4, in cash
    And nothing happens

  Szenario: und so weiter
    When deposit 10

  Rule: turn over

    Scenario: what comes and what goes adds to the turnover
      Given deposited 10
      Then the answer is 10
