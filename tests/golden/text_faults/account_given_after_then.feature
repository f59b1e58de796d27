Feature: account

  Scenario: money can be taken out
    Given account opened, owner "Petra"
    When deposit 10
    Then deposited 10
    Given deposited 10
    When withdraw 4
    Then withdrawn 4
