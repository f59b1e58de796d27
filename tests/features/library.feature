Feature: library

  Rule: a book is lent to one reader

    Background:
      Given book added, title "Emma"

    Example: nobody has it
      When lend to "Ada"
      Then lent to "Ada"

    Example: somebody has it
      Given lent to "Ada"
      When lend to "Max"
      Then it is refused: lent already

  @fees @legal
  Rule: whoever is late pays
    Fees are decided once a year.

    Background:
      Given lent to "Ada", due 2026-03-01

    @nightly
    Scenario: a day late
      When return, on 2026-03-02
      Then returned
      And fee 1

    Scenario: no fee is agreed yet
  Rule:
    Scenario: a rule without a name
      When close
      Then closed
