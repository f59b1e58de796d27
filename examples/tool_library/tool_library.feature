Feature: tool library
  People borrow drills and ladders. Who keeps a tool for two weeks is reminded of it.

  @open-question
  Scenario: May a loan be renewed?

  Rule: a drill, and Ada is a member

    Background:
      Given tool 1: registered, name "drill"
      And member 7: joined, mail "ada@example.org"

    Scenario: a member borrows a tool
      When tool 1: lend, to 7, at "2026-03-02T09:00:00Z"
      Then tool 1: lent, loan 1, to 7, at "2026-03-02T09:00:00Z"

    Scenario Outline: <what is refused>
      When tool <tool>: lend, to <member>, at "2026-03-02T09:00:00Z"
      Then it is refused: <reason>

      Examples:
        | what is refused             | tool | member | reason       |
        | somebody else does not      | 1    | 8      | no member    |
        | an unknown tool is not lent | 2    | 7      | no such tool |

  Rule: Ada has the drill

    Background:
      Given tool 1: registered, name "drill"
      And member 7: joined, mail "ada@example.org"
      And tool 1: lent, loan 1, to 7, at "2026-03-02T09:00:00Z"

    Scenario: a lent tool is not lent again
      When tool 1: lend, to 7, at "2026-03-02T09:00:00Z"
      Then it is refused: lent already, to 7

    Scenario: it comes back once
      When tool 1: take back
      Then tool 1: returned, loan 1
      When tool 1: take back
      Then it is refused: not lent

    Scenario: who has a tool stays
      When member 7: leave
      Then it is refused: has tools, tools 1

    Scenario: a reminder goes out once
      When remind, loan (tool 1, loan 1, to 7, at "2026-03-02T09:00:00Z"), address "ada@example.org"
      Then reminded, loan (tool 1, loan 1, to 7, at "2026-03-02T09:00:00Z")
      When remind, loan (tool 1, loan 1, to 7, at "2026-03-02T09:00:00Z"), address "ada@example.org"
      Then nothing happens

  Rule: reminders

    Background:
      Given member 7: joined, mail "ada@example.org"

    Scenario: a loan is reminded of after two weeks
      When tool 1: lent, loan 1, to 7, at "2026-03-02T09:00:00Z"
      Then owed as "remind 1/1" from 2026-03-16T09:00:00Z on: remind, loan (tool 1, loan 1, to 7, at "2026-03-02T09:00:00Z"), address "ada@example.org"

    Scenario Outline: <until>
      Given tool 1: lent, loan 1, to 7, at "2026-03-02T09:00:00Z"
      When <what happens>
      Then nothing is owed

      Examples:
        | until                     | what happens                                                     |
        | not when the tool is back | tool 1: returned, loan 1                                         |
        | and once                  | reminded, loan (tool 1, loan 1, to 7, at "2026-03-02T09:00:00Z") |

  Rule: wall

    Scenario: the wall shows who has a tool
      Given tool 1: registered, name "drill"
      And member 7: joined, mail "ada@example.org"
      And tool 1: lent, loan 1, to 7, at "2026-03-02T09:00:00Z"
      Then the answer is: 1: (name "drill", with 7, lent 1, reminded 0)
