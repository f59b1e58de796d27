Feature: registration
  Users register and change their name and address. That an address was refused is a fact, too.

  Scenario: a user registers
    When register user, user 1, name "John Doe", email "doe@fake.com"
    Then John Doe has registered as user 1 with doe@fake.com

  Scenario Outline: <rule>
    When register user, user 1
      | name   | email   |
      | <name> | <email> |
    Then it is refused: <reason>

    Examples:
      | rule                | name       | email          | reason                           |
      | a user needs a name | ""         | "doe@fake.com" | name is empty                    |
      | and an address      | "John Doe" | "fake.com"     | not an address, email "fake.com" |

  Scenario: who has not registered changes nothing
    When change username, name "Alex"
    Then it is refused: not registered
    When change email, email "contact@prooph.de"
    Then it is refused: not registered

  @open-question
  Scenario: Must a new address be confirmed before it counts?

  Rule: John has registered

    Background:
      Given John Doe has registered as user 1 with doe@fake.com

    Scenario: nobody registers twice
      When register user, user 1, name "John Doe", email "doe@fake.com"
      Then it is refused: already registered

    Scenario: John becomes Alex and moves to another address
      When change username, name "Alex"
      Then John Doe is called Alex now
      When change email, email "contact@prooph.de"
      Then the address doe@fake.com has become contact@prooph.de
      And the user is Alex, at contact@prooph.de

    Scenario: a name is never empty
      When change username, name ""
      Then it is refused: name is empty

    Scenario: the same name again is no change
      When change username, name "John Doe"
      Then nothing happens

    Scenario: that an address was refused is kept as a fact
      When change email, email "no address"
      Then the change to "no address" was refused: not an address

  Rule: failed changes of address

    Scenario: the help desk sees what was tried, and how often
      Given John Doe has registered as user 1 with doe@fake.com
      And the change to "no address" was refused: not an address
      And the change to "no address" was refused: not an address
      Then the answer is: "no address": 2
