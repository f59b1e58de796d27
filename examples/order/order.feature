Feature: order

  Scenario: an order is placed
    When 1: place order, total 30
    Then 1: order placed, total 30

  Scenario: an order asks for something
    When 1: place order, total 0
    Then it is refused: nothing ordered

  Scenario: an order is placed once
    Given 1: order placed, total 30
    When 1: place order, total 30
    Then it is refused: already placed

  Scenario: what is paid is shipped at once
    Given 1: order placed, total 30
    When 1: pay order, amount 30
    Then 1: order paid, amount 30
    And 1: order shipped

  Scenario: an order is paid in full
    Given 1: order placed, total 30
    When 1: pay order, amount 29
    Then it is refused: wrong amount, due 30

  Scenario: orders do not pay for each other
    Given 1: order placed, total 30
    When 2: pay order, amount 30
    Then it is refused: nothing due

  Scenario: an order is paid once
    Given 1: order placed, total 30
    And 1: order paid, amount 30
    And 1: order shipped
    When 1: pay order, amount 30
    Then it is refused: nothing due

  Scenario: and shipped once
    Given 1: order placed, total 30
    And 1: order paid, amount 30
    And 1: order shipped
    When 1: ship order
    Then it is refused: already shipped

  Scenario: nothing is shipped that is not paid
    Given 1: order placed, total 30
    When 1: ship order
    Then it is refused: nothing paid

  Scenario: a cancelled order is not paid
    Given 1: order placed, total 30
    When 1: cancel order
    Then 1: order cancelled
    When 1: pay order, amount 30
    Then it is refused: nothing due

  Scenario: what was not ordered is not cancelled
    When 1: cancel order
    Then it is refused: not placed

  @open-question
  Scenario: Does a customer who cancels after paying get the money back?

  Rule: shipping

    Scenario: what is paid is owed to be shipped
      Given order placed, total 30
      When order paid, amount 30
      Then owed: ship order

    Scenario: until it is shipped
      Given order placed, total 30
      And order paid, amount 30
      Then still owed: ship order
      When order shipped
      Then nothing more is owed
      And nothing is owed

    Scenario: nothing is owed for an order that is not paid
      When order placed, total 30
      Then nothing more is owed
