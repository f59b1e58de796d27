Feature: account

  Scenario Outline: money can be paid in
    Given account opened, owner "Petra"
    When deposit <amout>
    Then deposited <amount>

    Examples:
      | amount |
      | 10     |
