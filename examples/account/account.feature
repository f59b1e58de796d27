Feature: account

  Scenario: anybody can open an account
    When open account, owner "Petra"
    Then account opened, owner "Petra"

  Scenario: an account is opened once
    Given account opened, owner "Petra"
    When open account, owner "Petra"
    Then it is refused: already open

  Scenario: money can be paid in
    Given account opened, owner "Petra"
    When deposit 10
    Then deposited 10

  Scenario: no money is no deposit
    Given account opened, owner "Petra"
    When deposit 0
    Then it is refused: nothing to move

  Scenario: nothing can be paid into an account that is not open
    When deposit 10
    Then it is refused: not open

  Scenario: or taken from it
    When withdraw 10
    Then it is refused: not open

  Scenario: or closed
    When close account
    Then it is refused: not open

  Scenario: money can be taken out
    Given account opened, owner "Petra"
    And deposited 10
    When withdraw 4
    Then withdrawn 4

  Scenario: and none is taken out
    Given account opened, owner "Petra"
    When withdraw 0
    Then it is refused: nothing to move

  Scenario: what was taken out is gone
    Given account opened, owner "Petra"
    And deposited 10
    When withdraw 4
    Then withdrawn 4
    When withdraw 7
    Then it is refused: insufficient funds, balance 6

  Scenario: an overdraw is refused
    Given account opened, owner "Petra"
    And deposited 10
    When withdraw 20
    Then it is refused: insufficient funds, balance 10

  Scenario: an account is closed once it is empty
    Given account opened, owner "Petra"
    And deposited 10
    When close account
    Then it is refused: not empty, balance 10
    When withdraw 10
    Then withdrawn 10
    When close account
    Then account closed

  Scenario: a closed account takes no money
    Given account opened, owner "Petra"
    And account closed
    When deposit 10
    Then it is refused: not open

  Scenario: and gives none
    Given account opened, owner "Petra"
    And account closed
    When withdraw 10
    Then it is refused: not open

  Scenario: and is not closed again
    Given account opened, owner "Petra"
    And account closed
    When close account
    Then it is refused: not open

  Scenario: a closed account stays closed
    Given account opened, owner "Petra"
    And account closed
    When open account, owner "Alex"
    Then it is refused: already open

  @open-question
  Scenario: Who may close an account whose owner has died?

  Rule: turnover

    Scenario: what comes and what goes adds to the turnover
      Given deposited 10
      And withdrawn 4
      Then the answer is: 14
      And in any order of the events
