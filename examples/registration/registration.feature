Feature: registration

  Scenario: a user registers
    When register user, user 1, name "John Doe", email "doe@fake.com"
    Then John Doe has registered as user 1 with doe@fake.com

  Scenario: a user needs a name
    When register user, user 1, name "", email "doe@fake.com"
    Then it is refused: name is empty

  Scenario: and an address
    When register user, user 1, name "John Doe", email "fake.com"
    Then it is refused: not an address, email "fake.com"

  Scenario: nobody registers twice
    Given John Doe has registered as user 1 with doe@fake.com
    When register user, user 1, name "John Doe", email "doe@fake.com"
    Then it is refused: already registered

  Scenario: John becomes Alex and moves to another address
    Given John Doe has registered as user 1 with doe@fake.com
    When change username, name "Alex"
    Then John Doe is called Alex now
    When change email, email "contact@prooph.de"
    Then the address doe@fake.com has become contact@prooph.de
    And the user is Alex, at contact@prooph.de

  Scenario: a name is never empty
    Given John Doe has registered as user 1 with doe@fake.com
    When change username, name ""
    Then it is refused: name is empty

  Scenario: the same name again is no change
    Given John Doe has registered as user 1 with doe@fake.com
    When change username, name "John Doe"
    Then nothing happens

  Scenario: that an address was refused is kept as a fact
    Given John Doe has registered as user 1 with doe@fake.com
    When change email, email "no address"
    Then the change to "no address" was refused: not an address

  Scenario: who has not registered changes nothing
    When change username, name "Alex"
    Then it is refused: not registered
    When change email, email "contact@prooph.de"
    Then it is refused: not registered

  @open-question
  Scenario: Must a new address be confirmed before it counts?

  Rule: failed changes of address

    Scenario: the help desk sees what was tried, and how often
      Given John Doe has registered as user 1 with doe@fake.com
      And the change to "no address" was refused: not an address
      And the change to "no address" was refused: not an address
      Then the answer is: "no address": 2
