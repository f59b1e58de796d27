Feature: account

  Scenario: money can be paid in
    Given account opened, owner "Petra"
    Then deposited 10
