Feature: account

  Scenario: money can be paid in
    And account opened, owner "Petra"
    When deposit 10
    Then deposited 10
