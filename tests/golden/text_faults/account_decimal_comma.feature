Feature: account

  Scenario: money can be paid in
    Given account opened, owner "Petra"
    When deposit 10,50
    Then deposited 10.50
