Feature: account

  Scenario: money can be paid in
    Given account opened, owner "Petra"
    When deposited 10
    Then deposit 10
