Feature: account

  Scenario: money can be taken out
    Given acount opened, owner "Petra"
    And deposited 10
    When witdraw 4
    Then withdrawn 4
