Feature: account

  Scenario: an overdraw is refused
    Given account opened, owner "Petra"
    And deposited 10
    When withdraw 20
    Then it is refused: insufficient funds
      | balance |

  Scenario: anybody can open an account
    When open account
      | owner   | branch  |
      | "Petra" |
    Then account opened, owner "Petra"
