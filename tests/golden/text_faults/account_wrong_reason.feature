Feature: account

  Scenario: an overdraw is refused
    Given account opened, owner "Petra"
    When withdraw 20
    Then it is refused: insuficient funds, balance 0

  Scenario: an account that is not open
    When withdraw 20
    Then it is refussed: not open
