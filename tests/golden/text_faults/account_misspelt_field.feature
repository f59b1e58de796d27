Feature: account

  Scenario: an overdraw is refused
    Given account opened, ownr "Petra"
    And deposited 10
    When withdraw 20
    Then it is refused: insufficient funds, balanse 10
