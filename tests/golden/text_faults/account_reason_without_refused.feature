Feature: account

  Scenario: an overdraw is refused
    Given account opened, owner "Petra"
    And deposited 10
    When withdraw 20
    Then insufficient funds, balance 10

  Scenario: nothing can be paid into an account that is not open
    When deposit 10
    Then it is refused, not open
