Feature: account

  Scenario: money can be paid in
    Given account opened, owner "Petra"
    When deposit "10"
    Then deposited ten
