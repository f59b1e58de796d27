Feature: tool library

  Scenario: a member borrows a tool
    Given tool 1: registered, name "tool 1"
    And member 7: joined, mail "7@example.org"
    When tool 1: lend, to 7, at "2026-03-02T09:00:00Z"
    Then tool 1: lent, loan 1, to 7, at "2026-03-02T09:00:00Z"

  Scenario: somebody else does not
    Given tool 1: registered, name "tool 1"
    And member 7: joined, mail "7@example.org"
    When tool 1: lend, to 8, at "2026-03-02T09:00:00Z"
    Then it is refused: no member

  Scenario: an unknown tool is not lent
    Given tool 1: registered, name "tool 1"
    And member 7: joined, mail "7@example.org"
    When tool 2: lend, to 7, at "2026-03-02T09:00:00Z"
    Then it is refused: no such tool

  Scenario: a lent tool is not lent again
    Given tool 1: registered, name "tool 1"
    And member 7: joined, mail "7@example.org"
    And tool 1: lent, loan 1, to 7, at "2026-03-02T09:00:00Z"
    When tool 1: lend, to 7, at "2026-03-02T09:00:00Z"
    Then it is refused: lent already, to 7

  Scenario: it comes back once
    Given tool 1: registered, name "tool 1"
    And member 7: joined, mail "7@example.org"
    And tool 1: lent, loan 1, to 7, at "2026-03-02T09:00:00Z"
    When tool 1: take back
    Then tool 1: returned, loan 1
    When tool 1: take back
    Then it is refused: not lent

  Scenario: who has a tool stays
    Given tool 1: registered, name "tool 1"
    And member 7: joined, mail "7@example.org"
    And tool 1: lent, loan 1, to 7, at "2026-03-02T09:00:00Z"
    When member 7: leave
    Then it is refused: has tools, tools 1

  Scenario: a reminder goes out once
    Given tool 1: registered, name "tool 1"
    And member 7: joined, mail "7@example.org"
    And tool 1: lent, loan 1, to 7, at "2026-03-02T09:00:00Z"
    When remind, loan (tool 1, loan 1, to 7, at "2026-03-02T09:00:00Z"), address "7@example.org"
    Then reminded, loan (tool 1, loan 1, to 7, at "2026-03-02T09:00:00Z")
    When remind, loan (tool 1, loan 1, to 7, at "2026-03-02T09:00:00Z"), address "7@example.org"
    Then nothing happens

  @open-question
  Scenario: May a loan be renewed?

  Rule: reminders

    Scenario: a loan is reminded of after two weeks
      Given tool 1: registered, name "tool 1"
      And member 7: joined, mail "7@example.org"
      When tool 1: lent, loan 1, to 7, at "2026-03-02T09:00:00Z"
      Then owed as "remind 1/1" from 2026-03-16T09:00:00Z on: remind, loan (tool 1, loan 1, to 7, at "2026-03-02T09:00:00Z"), address "7@example.org"

    Scenario: not when the tool is back
      Given member 7: joined, mail "7@example.org"
      And tool 1: lent, loan 1, to 7, at "2026-03-02T09:00:00Z"
      When tool 1: returned, loan 1
      Then nothing is owed

    Scenario: and once
      Given member 7: joined, mail "7@example.org"
      And tool 1: lent, loan 1, to 7, at "2026-03-02T09:00:00Z"
      When reminded, loan (tool 1, loan 1, to 7, at "2026-03-02T09:00:00Z")
      Then nothing is owed

  Rule: wall

    Scenario: the wall shows who has a tool
      Given tool 1: registered, name "tool 1"
      And member 7: joined, mail "7@example.org"
      And tool 1: lent, loan 1, to 7, at "2026-03-02T09:00:00Z"
      Then the answer is: 1: (name "tool 1", with 7, lent 1, reminded 0)
