Feature: account

  Scenario Outline: money can be paid in
    Given account opened, owner <owner>
    When deposit <amount>
    Then deposited <amount>

    Examples:
      | owner   | amount |
      | "Petra" |
      | "Alex"  | 10     |
      | "Sam"   |
