Feature: account

  Scenario: an account is opened
    When open, owner "Petra"
    Then opened, owner "Petra"

  Scenario: once
    Given opened, owner "Petra"
    When open, owner "Alex"
    Then it is refused: opened before

  Scenario: also if it is closed by now
    Given opened, owner "Petra"
    And closed
    When open, owner "Alex"
    Then it is refused: opened before

  Scenario: money is paid in
    Given opened, owner "Petra"
    When deposit, cents 10
    Then deposited, cents 10

  Scenario: some money
    Given opened, owner "Petra"
    When deposit, cents 0
    Then it is refused: nothing to move

  Scenario: and no more than a balance can be
    Given opened, owner "Petra"
    And deposited, cents 10
    When deposit, cents 18446744073709551615
    Then it is refused: more than fits

  Scenario: money is taken out
    Given opened, owner "Petra"
    And deposited, cents 10
    When withdraw, cents 4
    Then withdrawn, cents 4

  Scenario: but not more than there is
    Given opened, owner "Petra"
    And deposited, cents 10
    When withdraw, cents 11
    Then it is refused: insufficient funds, balance 10

  Scenario: an account is closed once it is empty
    Given opened, owner "Petra"
    And deposited, cents 10
    When close
    Then it is refused: not empty, balance 10
    When withdraw, cents 10
    Then withdrawn, cents 10
    When close
    Then closed

  Scenario: nothing is paid into an account that is not open
    When deposit, cents 10
    Then it is refused: not open

  Scenario: nor taken from it
    When withdraw, cents 10
    Then it is refused: not open

  Scenario: nor is it closed
    When close
    Then it is refused: not open

  Rule: a closed account

    Background:
      Given opened, owner "Petra"
      And closed

    Scenario: nothing is paid into a closed account
      When deposit, cents 10
      Then it is refused: not open
      When withdraw, cents 10
      Then it is refused: not open
      When close
      Then it is refused: not open
